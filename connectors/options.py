"""Options of sources, as they stand in a configuration file: checked when they come in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from connectors.incremental import IncrementalSource
from connectors.rows import Columns
from connectors.text import Encoding
from connectors.times import DateOrder
from connectors.yaml_file import problems_of
from connectors.zones import Zone
from schemas.errors import SourceError


def _feed_name(name: str) -> str:
    if "\0" in name or not name.strip():
        raise ValueError("a feed has a name")
    return name


class SourceOptions(BaseModel):
    """What every source may be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: Annotated[str, AfterValidator(_feed_name)] | None = Field(
        default=None, description="The feed it delivers to. Default: the name of the source."
    )


class FileOptions(SourceOptions):
    """What a source that reads files may be told."""

    files: Sequence[str] = Field(
        default=(), description="Paths or patterns such as exports/*.csv, read in order of name."
    )
    columns: Mapping[str, str] = Field(
        default={}, description="What a column is called in the files, where that is not its name."
    )
    encoding: Encoding = Field(
        default="utf-8", description="Of files without a byte-order mark; never guessed."
    )
    date_order: DateOrder | None = Field(
        default=None,
        description="What comes first in a date such as 9/11/19. Default: such dates are refused.",
    )

    def columns_of(
        self,
        needed: tuple[str, ...],
        optional: tuple[str, ...] = (),
        empty: tuple[str, ...] = (),
        names: Mapping[str, str] | None = None,
    ) -> Columns:
        """The columns of a mapping, under the names they have in the files.

        `names`: what they are called there unless the options say something else.
        """
        for name in self.columns:
            if name not in needed + optional:
                known = ", ".join(needed + optional)
                raise SourceError(f"columns: {name} is not a column of this source, but {known}")
        return Columns(needed, optional, {**(names or {}), **self.columns}, empty)

    def paths(self) -> list[Path]:
        """The files there are; SourceError for a name or a pattern without any."""
        found: list[Path] = []
        for pattern in self.files:
            names = [pattern] if Path(pattern).exists() else sorted(glob(pattern, recursive=True))
            if not names:
                raise SourceError(f"{pattern}: there is no such file")
            found += [Path(name) for name in names if Path(name) not in found]
        return [path for path in found if not path.is_dir()]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a source is built: its name, its feed, the clocks of the campus, how it is read."""

    name: str
    feed: str
    zone: Zone
    is_growing: bool = False


_O = TypeVar("_O", bound=SourceOptions)


@dataclass(frozen=True, slots=True)
class SourceType(Generic[_O]):
    """A kind of source that can be configured."""

    name: str
    summary: str
    options: type[_O]
    build: Callable[[_O, Setting], IncrementalSource]
    """Makes the source; SourceError when the options do not fit the world."""

    @property
    def page(self) -> str:
        """Its page in docs/connectors, without the suffix."""
        return {"faser": "coursework"}.get(family := self.name.partition(".")[0], family)

    def source(self, values: Mapping[str, object], setting: Setting) -> IncrementalSource:
        """The source of a configuration; SourceError names every option that is wrong."""
        try:
            options = self.options.model_validate(values)
        except ValidationError as error:
            known = ", ".join(sorted(self.options.model_fields))
            raise SourceError(
                f"the source {setting.name} ({self.name}): {problems_of(error)}; its options are"
                f" {known}"
            ) from error
        return self.build(options, replace(setting, feed=options.feed or setting.feed))
