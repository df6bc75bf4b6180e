"""Where everything is: settings, completed from the local stack."""

import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from broker.clients import ClientConfig
from broker.registry import SchemaRegistry
from connectors.identity import SiteKey
from deploy.local.stack import Addresses, LocalStack
from ops.settings import Settings
from schemas.errors import SettingsError, Unreachable
from sinks.clickhouse import ClickHouseAddress

JAVA_PARTS: Final = Path(".java")
_SITE_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Context:
    """What commands work with; nothing is contacted before it is needed."""

    settings: Settings
    registries: dict[str, SchemaRegistry] = field(default_factory=dict)  # opened so far, by URL

    def close(self) -> None:
        """Close the connections that were opened."""
        while self.registries:
            self.registries.popitem()[1].close()

    @cached_property
    def generation(self) -> str:
        """The generation named in the settings, or else the one the folder was last used with."""
        if "generation" in self.settings.model_fields_set:
            return self.settings.generation
        try:
            return self._current_file.read_text().strip()
        except FileNotFoundError:
            return self.settings.generation

    def remember_generation(self, generation: str) -> None:
        """Commands without LEAP_GENERATION use this one from now on."""
        self._current_file.parent.mkdir(parents=True, exist_ok=True)
        self._current_file.write_text(generation + "\n")

    def with_generation(self, generation: str, **changes: object) -> "Context":
        """The same surroundings, another generation; `changes` are other settings."""
        settings = self.settings.model_copy(update={"generation": generation, **changes})
        return Context(settings, self.registries)

    @cached_property
    def stack(self) -> LocalStack:
        """The local stack of this folder, whether it runs or not."""
        return LocalStack(self.settings.folder / "local", java_parts=JAVA_PARTS)

    @property
    def needs_stack(self) -> bool:
        """Whether anything has to come from the local stack."""
        return None in (self.settings.kafka, self.settings.registry, self.settings.clickhouse)

    @cached_property
    def client(self) -> ClientConfig:
        """Kafka."""
        return ClientConfig(self.settings.kafka or self._local("Kafka", "LEAP_KAFKA").kafka)

    @property
    def registry_url(self) -> str:
        """Where the schema registry is."""
        return self.settings.registry or self._local("the registry", "LEAP_REGISTRY").registry

    @property
    def registry(self) -> SchemaRegistry:
        """The schema registry."""
        url = self.registry_url
        if url not in self.registries:
            self.registries[url] = SchemaRegistry(url)
        return self.registries[url]

    @cached_property
    def clickhouse(self) -> ClickHouseAddress:
        """ClickHouse; the database is that of the generation."""
        database = self.settings.clickhouse_database or f"leap_{self.generation}"
        if self.settings.clickhouse is None:
            local = self._local("ClickHouse", "LEAP_CLICKHOUSE")
            return ClickHouseAddress(
                local.clickhouse_host,
                local.clickhouse_port,
                local.clickhouse_user,
                local.clickhouse_password,
                database,
            )
        url = urlsplit(self.settings.clickhouse)
        return ClickHouseAddress(
            url.hostname or "",
            url.port or 8123,
            self.settings.clickhouse_user,
            self.settings.clickhouse_password.get_secret_value(),
            database,
            secure=url.scheme == "https",
        )

    @cached_property
    def site_key(self) -> SiteKey:
        """The site's secret; generated into the folder when none is set."""
        if self.settings.site_key is not None:
            return SiteKey(self.settings.site_key.get_secret_value().encode())
        if self.settings.kafka is not None:
            raise SettingsError(
                "LEAP_SITE_KEY is not set: with a Kafka of your own, the ids of events have to be"
                " the same wherever they are published from. Make a key with `openssl rand -hex"
                " 32`, and keep it"
            )
        path = self.settings.folder / "site.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(_SITE_KEY_BYTES))
        return SiteKey(path.read_text().strip().encode())

    @property
    def _current_file(self) -> Path:
        return self.settings.folder / "generation"

    def _local(self, part: str, setting: str) -> Addresses:
        addresses = self.stack.addresses()
        if addresses is None:
            raise Unreachable(
                f"{part} is not set and the local stack does not run: `leap up` starts it, or"
                f" {setting} names another"
            )
        return addresses
