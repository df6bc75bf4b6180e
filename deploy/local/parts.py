"""The three parts of the stack as data: what to run, where, and when it counts as started."""

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Final

from deploy.local import logs, probes
from deploy.local.detached import PROJECT
from deploy.local.layout import Layout
from deploy.local.plan import Plan
from deploy.local.ports import ChosenPorts

KAFKA: Final = "Kafka"
REGISTRY: Final = "Registry"
CLICKHOUSE: Final = "ClickHouse"
NAMES: Final = (KAFKA, REGISTRY, CLICKHOUSE)

CLICKHOUSE_USER: Final = "leap"
_REGISTRY_PATH: Final = "/apis/ccompat/v7"


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the stack.

    `environment` is all it gets: nothing of the caller's shell reaches a part. `answers` is its
    probe, to be called until it returns True.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    address: str
    answers: Callable[[], bool]
    stop_seconds: float

    def quoted_log(self) -> str:
        """Return where the part's log is and what its last lines say, to end a sentence with."""
        return f"Its log is {self.log}, which ends with:\n{logs.tail(self.log)}"


def kafka(plan: Plan, ports: ChosenPorts) -> Part:
    """Return the broker. Its folder must be formatted, see `format_kafka`."""
    layout = Layout(plan.folder)
    address = f"127.0.0.1:{ports.kafka}"
    return Part(
        name=KAFKA,
        command=(
            *_java(plan, plan.limits.kafka_heap_mib),
            *_KAFKA_LOGGING,
            *("-cp", f"{plan.java_parts}/kafka/*", "kafka.Kafka", layout.kafka_properties.name),
        ),
        environment=_environment(layout),
        folder=layout.root,
        log=layout.log(KAFKA),
        address=address,
        answers=partial(probes.kafka_answers, address),
        stop_seconds=12,
    )


def format_kafka(plan: Plan) -> Part:
    """Return the process that formats the data folder that Kafka's settings name, and ends."""
    layout = Layout(plan.folder)
    return Part(
        name=KAFKA,
        command=(
            *_java(plan, 128),
            *_KAFKA_LOGGING,
            *("-cp", f"{plan.java_parts}/kafka/*", "kafka.tools.StorageTool", "format"),
            # 16 random bytes in URL-safe base64: the form of Kafka's ids.
            f"--cluster-id={secrets.token_urlsafe(16)}",
            *("--config", layout.kafka_properties.name),
        ),
        environment=_environment(layout),
        folder=layout.root,
        log=layout.log(KAFKA),
        address="",
        answers=lambda: False,
        stop_seconds=5,
    )


def kafka_properties(ports: ChosenPorts, data: str) -> str:
    """Return Kafka's settings; `data` is the data folder, relative to the stack's."""
    template = Template(Path(__file__).with_name("kafka.properties").read_text())
    return template.substitute(port=ports.kafka, controller_port=ports.kafka_controller, data=data)


def registry(plan: Plan, ports: ChosenPorts) -> Part:
    """Return the schema registry, which keeps what it knows in Kafka."""
    layout = Layout(plan.folder)
    home = plan.java_parts / "registry"
    base = f"http://127.0.0.1:{ports.registry}{_REGISTRY_PATH}"
    return Part(
        name=REGISTRY,
        command=(
            *_java(plan, plan.limits.registry_heap_mib),
            # It does little once it is up: the quick compiler alone halves its start.
            *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
            *("-cp", f"{home}/*:{home}/lib/*"),
            "-Dquarkus.http.host=127.0.0.1",
            f"-Dquarkus.http.port={ports.registry}",
            "-Dquarkus.http.access-log.enabled=false",
            "-Dapicurio.storage.kind=kafkasql",
            f"-Dapicurio.kafkasql.bootstrap.servers=127.0.0.1:{ports.kafka}",
            # Its journal is its only memory, and by default Kafka drops it after seven days.
            "-Dapicurio.kafkasql.topic.retention.ms=-1",
            # At every start it waits this long for a snapshot; the default is 5 s.
            "-Dapicurio.kafkasql.consumer.poll.timeout=500",
            "io.quarkus.runner.GeneratedMain",
        ),
        environment=_environment(layout),
        folder=layout.temporary,
        log=layout.log(REGISTRY),
        address=base,
        answers=partial(probes.registry_answers, base),
        stop_seconds=10,
    )


def clickhouse(plan: Plan, ports: ChosenPorts, password: str) -> Part:
    """Return the embedded engine behind ClickHouse's HTTP protocol."""
    layout = Layout(plan.folder)
    address = f"127.0.0.1:{ports.clickhouse}"
    return Part(
        name=CLICKHOUSE,
        command=(
            # -P: only the installed project is looked at, not the folder it runs in.
            *(sys.executable, "-P", "-m", "deploy.local.clickhouse"),
            *("--folder", str(layout.clickhouse), "--port", str(ports.clickhouse)),
            *("--user", CLICKHOUSE_USER, "--password-file", str(layout.password)),
            *("--memory-mib", str(plan.limits.clickhouse_mib)),
            *("--query-memory-mib", str(plan.limits.clickhouse_query_mib)),
            *("--query-seconds", str(plan.limits.clickhouse_query_seconds)),
        ),
        environment=_environment(layout),
        folder=layout.root,
        log=layout.log(CLICKHOUSE),
        address=address,
        answers=lambda: probes.clickhouse_version(address, CLICKHOUSE_USER, password) is not None,
        stop_seconds=10,
    )


_KAFKA_LOGGING: Final = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)


def _java(plan: Plan, heap_mib: int) -> tuple[str, ...]:
    return (
        str(plan.java),
        f"-Xmx{heap_mib}m",
        # A JVM that is out of memory limps on; one that ends is noticed.
        "-XX:+ExitOnOutOfMemoryError",
        # Nothing is written outside the stack's folder.
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={Layout(plan.folder).temporary}",
    )


def _environment(layout: Layout) -> dict[str, str]:
    return {
        # The project as it runs here, wherever it lies.
        "PYTHONPATH": str(PROJECT),
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": str(layout.temporary),
    }
