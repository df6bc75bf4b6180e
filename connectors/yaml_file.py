"""Configuration files in YAML, checked as a whole when they are read."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.errors import SourceError

M = TypeVar("M", bound=BaseModel)


def read_yaml_file(path: Path, model: type[M]) -> M:
    """The document of a file; SourceError says what is wrong with it."""
    try:
        return model.model_validate(yaml.safe_load(path.read_text()))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise SourceError(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        raise SourceError(f"{path}: {problems_of(error, root='the file')}") from error


def problems_of(error: ValidationError, *, root: str = "") -> str:
    """Every problem with the path of its field; `root` stands for the whole."""
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or root}: {one['msg']}" for one in error.errors()
    )
