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
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.catalogue import TYPES
from connectors.incremental import IncrementalSource
from connectors.options import Setting
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
    try:
        document: Any = yaml.safe_load(path.read_text())
        file = _File.model_validate(document)
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise SourceError(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}"
            for one in error.errors()
        )
        raise SourceError(f"{path}: {problems}") from error
    return {
        name: SourceConfiguration(name, source.type, dict(source.model_extra or {}))
        for name, source in file.sources.items()
    }
