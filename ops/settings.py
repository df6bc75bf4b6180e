"""Settings: one model, one prefix of environment variables, LEAP_; unknown names are refused.

What is not set is taken from the local stack, where one runs (`leap up`).
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import SettingsError
from schemas.types import Clock
from scoring.items import EARLY_DAYS, EXTENSION_LIMIT_DAYS

PREFIX: Final = "LEAP_"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/London") from error
    return name


class Settings(BaseSettings):
    """Everything that can be set; each with its unit and default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    kafka: str | None = Field(
        default=None,
        pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$",
        description="Kafka's bootstrap servers, host:port, separated by commas."
        " Default: the local stack's.",
    )
    registry: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Base URL of the schema registry (Confluent's API). Default: the local"
        " stack's.",
    )
    clickhouse: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+:\d+$",
        description="ClickHouse's HTTP address, http://host:port. Default: the local stack's.",
    )
    clickhouse_user: str = Field(default="default", description="ClickHouse's user.")
    clickhouse_password: SecretStr = Field(
        default=SecretStr(""), description="Its password. Default: the local stack's."
    )
    clickhouse_database: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="Database of the results, created when it is missing. Default:"
        " leap_<generation>.",
    )
    generation: str = Field(
        default="v1",
        pattern=r"^[a-z0-9]+$",
        max_length=20,
        description="Generation of topics: their names begin with leap.<generation>.",
    )
    partitions: int = Field(
        default=24, ge=1, le=1000, description="Partitions of per-student topics, when created."
    )
    replication: int = Field(
        default=1, ge=1, le=5, description="Replicas of each topic, when created."
    )
    clock: Clock = Field(
        default=Clock.WALL,
        description="What tells the campus day, when the generation is created: wall or replay.",
    )
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="Europe/London", description="The campus time zone, when the generation is created."
    )
    retention_days: int = Field(
        default=180,
        ge=1,
        description="Days that activity and daily results stay on their topics; at least the"
        " horizon, which is look-back plus amendment plus 7, and 88 more: coursework may be handed"
        " in 28 days before it is due, and be put off by 60.",
    )
    quarantine_days: int = Field(
        default=30, ge=1, description="Days that rejected records stay in quarantine."
    )
    look_back_days: int = Field(
        default=70, ge=1, le=366, description="Days before the day in progress that windows reach."
    )
    amendment_days: int = Field(
        default=14, ge=0, le=366, description="Days for which a closing can still be recomputed."
    )
    site_key: SecretStr | None = Field(
        default=None,
        description="Secret under which ids of events are made, at least 32 characters."
        " Default: one that was generated into the folder.",
    )
    folder: Path = Field(
        default=Path(".leap"),
        description="Where the local stack and this machine's state live.",
    )
    worker_name: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Name of a worker in its group, the same after a restart, another for each"
        " worker: it then keeps its partitions over a restart. Default: none.",
    )
    publish_interval_s: float = Field(
        default=30.0,
        gt=0,
        description="Seconds between publications of indicators that moved without a change.",
    )
    telemetry_host: str = Field(
        default="127.0.0.1", description="Address on which /metrics and /health are served."
    )
    telemetry_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Its port; 0 takes a free one and says which.",
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="The least severe messages that are logged.",
    )

    @property
    def horizon_days(self) -> int:
        """Days of activity that a worker needs."""
        return self.look_back_days + self.amendment_days + 7


def load_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """The settings of this process; SettingsError names every one that is wrong."""
    given = os.environ if environment is None else environment
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    problems = [
        f"{name} is not a setting" + _did_you_mean(name, known)
        for name in sorted(given)
        if name.startswith(PREFIX) and name not in known
    ]
    values = {field: given[name] for name, field in known.items() if name in given}
    try:
        settings = Settings.model_validate({**values, **overrides})
    except ValidationError as error:
        problems += [
            f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']} (it is {e['input']!r})"
            for e in error.errors()
        ]
    else:
        items = EARLY_DAYS[Clock.WALL] + EXTENSION_LIMIT_DAYS
        needed = settings.horizon_days + items
        if settings.retention_days < needed:
            problems.append(
                f"LEAP_RETENTION_DAYS is {settings.retention_days}, shorter than the {needed} days"
                f" of the horizon ({settings.horizon_days}) and of items that are met early or put"
                f" off ({items}): activity would be deleted while it still counts"
            )
    if problems:
        raise SettingsError("; ".join(problems) + ". `leap settings` lists all of them")
    return settings


def _did_you_mean(name: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
