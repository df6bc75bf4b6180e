"""The file that names all feeds of a campus: what `leap connect` reads.

```yaml
sources:
  moodle:                  # the name of the source, and of its feed unless `feed` says otherwise
    type: moodle.database  # see connectors/catalogue.py
    courses: courses.csv   # the options of the type
  taps:
    type: taps
    files: [taps/*.csv]
```
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.catalogue import TYPES
from connectors.incremental import IncrementalSource
from connectors.options import Setting
from connectors.yaml_file import read_yaml_file
from schemas.errors import SourceError


@dataclass(frozen=True, slots=True)
class SourceConfiguration:
    """A source as it was configured."""

    name: str
    type: str
    options: Mapping[str, object]

    def with_files(self, files: list[str]) -> "SourceConfiguration":
        """The same, for these files instead of the configured ones."""
        return SourceConfiguration(self.name, self.type, {**self.options, "files": files})

    def build(self, setting: Setting) -> IncrementalSource:
        """The source; SourceError for a type or an option that does not exist or fit."""
        if self.type not in TYPES:
            known = "; ".join(f"{one.name} ({one.summary})" for one in TYPES.values())
            raise SourceError(f"{self.name}: {self.type!r} is no type of source; there are {known}")
        return TYPES[self.type].source(self.options, setting)


class _Source(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)
    type: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    sources: dict[str, _Source]


def read_configuration(path: Path) -> Mapping[str, SourceConfiguration]:
    """The sources of a file, in its order; SourceError says what is wrong with it."""
    file = read_yaml_file(path, _File)
    return {
        name: SourceConfiguration(name, source.type, dict(source.model_extra or {}))
        for name, source in file.sources.items()
    }
