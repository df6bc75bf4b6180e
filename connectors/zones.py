"""Local time and campus days, for many moments at once."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

MS_PER_DAY: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Zone:
    """The clocks of a campus; `name` as IANA has it."""

    name: str

    @classmethod
    def of(cls, zone: ZoneInfo) -> "Zone":
        """The same zone."""
        return cls(zone.key)

    def to_utc(self, local_ms: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """UTC milliseconds of local ones, and which of the local times never were.

        A time that occurs twice, because the clocks went back, is taken for the first of both. The
        campus day is the same either way. A time that was left out, because they went forward, is
        no time.
        """
        local = pl.Series(local_ms, dtype=pl.Int64).cast(pl.Datetime("ms"))
        zoned = local.dt.replace_time_zone(
            self.name, ambiguous="earliest", non_existent="null"
        ).cast(pl.Int64)
        return zoned.fill_null(0).to_numpy(), zoned.is_null().to_numpy()

    def days(self, utc_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """The campus day of each moment."""
        moments = pl.Series(utc_ms, dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))
        dates = moments.dt.convert_time_zone(self.name).dt.date()
        return dates.cast(pl.Int32).cast(pl.Int64).to_numpy()
