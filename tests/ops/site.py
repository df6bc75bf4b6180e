"""A university with a Kafka, a registry and a ClickHouse of its own, named in the environment."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from ops.context import Context
from sinks.clickhouse import connect
from sinks.queries import Queries


@dataclass(frozen=True)
class Site:
    """Runs `leap` as its operators do."""

    environment: Mapping[str, str]
    context: Context

    def leap(self, *arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "ops", *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def queries(self, context: Context | None = None) -> Queries:
        address = (context or self.context).clickhouse
        return Queries(connect(address), address)
