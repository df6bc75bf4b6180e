"""YAML as a person writes it: each key once, and every mistake told with its line."""

from collections.abc import Hashable

import yaml

from schemas.errors import PolicyError


class _Loader(yaml.SafeLoader):
    """The safe loader, except that it never drops a value and never raises without a line."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        """Refuse a key that is given twice; YAML's own loader would take the last one."""
        seen = set[str]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"{key.value} is given twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        """Give a line to what is not a value, such as 2013-02-30, which is a bare ValueError."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError, AttributeError) as error:
            raise yaml.constructor.ConstructorError(
                problem=f"{str(node.value)[:40]!r} is not a value of {node.tag.rpartition(':')[2]}",
                problem_mark=node.start_mark,
            ) from error


class _TextLoader(_Loader):
    """The same, but every scalar is text: a date that does not exist is read, and told later."""


_TextLoader.yaml_implicit_resolvers = {}


def read_yaml(text: str, *, origin: str, scalars_are_text: bool = False) -> object:
    """Give the one document in `text` as plain mappings, sequences and scalars.

    Raises PolicyError, beginning with `origin` and the line, when `text` is not one document.
    """
    loader = None
    try:
        loader = _TextLoader(text) if scalars_are_text else _Loader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
        reason = ": ".join(part for part in (error.context, error.problem) if part)
        raise PolicyError(f"{origin}: {line}not YAML: {reason}") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{origin}: not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise PolicyError(f"{origin}: not a policy: nested too deeply") from error
    finally:
        if loader is not None:
            loader.dispose()


def lines_of_items(text: str, key: str) -> list[int]:
    """Give the lines of the items below a key of the document, when these are a sequence.

    `text` has to be one document (`read_yaml`).
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    finally:
        loader.dispose()
    if not isinstance(root, yaml.MappingNode):
        return []
    for name, value in root.value:
        if isinstance(name, yaml.ScalarNode) and name.value == key:
            items = value.value if isinstance(value, yaml.SequenceNode) else []
            return [item.start_mark.line + 1 for item in items]
    return []
