"""Whether the parts of a policy fit together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from schemas.types import Kind
from scoring.kind_policy import KindPolicy, ShownKind
from scoring.selection import Override


def kind_problems(
    kinds: Mapping[Kind, KindPolicy],
    shown: Mapping[Kind, ShownKind],
    *,
    minimum_days: float,
    look_back_days: int,
) -> Iterator[str]:
    """Give what is wrong with the kinds, one sentence a problem with the field's path."""
    for kind, rule in kinds.items():
        yield from rule.problems(
            f"kinds.{kind}", minimum_days=minimum_days, look_back_days=look_back_days
        )
    for kind, rule_shown in shown.items():
        if kind in kinds:
            yield f"shown.{kind}: is scored as well; name it once"
        if rule_shown.window_days > look_back_days:
            yield (
                f"shown.{kind}.window_days: {rule_shown.window_days} is above look_back_days "
                f"{look_back_days}"
            )


def override_problems(
    overrides: Sequence[Override],
    kinds: Mapping[Kind, KindPolicy],
    *,
    minimum_days: float,
    look_back_days: int,
) -> Iterator[str]:
    """Give what is wrong with the overrides of kinds that are right by themselves."""
    weightless = set[Kind]()
    for place, override in enumerate(overrides):
        path = f"overrides.{place}.kinds"
        for kind, different in override.kinds.items():
            if kind not in kinds:
                yield f"{path}.{kind}: is not scored by this policy, so nothing can differ"
                continue
            yield from different.on(kinds[kind]).problems(
                f"{path}.{kind}", minimum_days=minimum_days, look_back_days=look_back_days
            )
            if different.weight == 0:
                weightless.add(kind)
        if not override.kinds and override.thresholds is None:
            yield f"overrides.{place}: must name kinds or thresholds that differ"
    if weightless >= kinds.keys():
        yield "overrides: must leave a kind its weight, whichever of them apply together"


def repeated_names(path: str, names: Sequence[str]) -> Iterator[str]:
    """Give a sentence for each name of a rule that is given twice."""
    for name, number in Counter(names).items():
        if number > 1:
            yield f"{path}: the name {name} is given {number} times"
