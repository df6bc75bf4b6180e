"""A policy: which activities count, over which windows, for whom, and where a band begins.

A policy is a YAML document that people write, publish and argue about. `policies/default.yaml` is a
commented one; `docs/POLICY.md` gives the reasons; `reference.py` says what the numbers do.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Final, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator

from schemas.errors import PolicyError
from schemas.types import KINDS, Band, Kind
from scoring.alert_rules import AlertRule
from scoring.compliance import ComplianceRules
from scoring.days import day_of
from scoring.documents import Document, Text
from scoring.kind_policy import DAYS_LIMIT, KindPolicy, ShownKind
from scoring.policy_problems import kind_problems, override_problems, repeated_names
from scoring.problems import contradiction, field_names, sentences_of
from scoring.rounding import hundredths
from scoring.rules import KindRule, OffSpan, Rules
from scoring.selection import NotScoredRule, Override
from scoring.special_category import refusals
from scoring.thresholds import Thresholds
from scoring.yaml_text import read_yaml

_T = TypeVar("_T")
_Kind = Annotated[Kind, Field(strict=False)]


def _in_order(kinds: Mapping[Kind, _T]) -> Mapping[Kind, _T]:
    return {kind: kinds[kind] for kind in KINDS if kind in kinds}


class Policy(Document):
    """One version of the policy. Only the kinds it names are scored; the others are shown."""

    version: int = Field(ge=1)
    valid_from: date
    """The first campus day that is scored by this version."""
    title: Text
    look_back_days: int = Field(default=70, ge=1, le=DAYS_LIMIT)
    """Calendar days, back from its end, beyond which no window reaches."""
    amendment_days: int = Field(default=14, ge=0, le=DAYS_LIMIT)
    """Days after a closing during which late events still change it."""
    mark_deadline_hours: float = Field(default=36, gt=0, le=24 * DAYS_LIMIT)
    """Hours after the end of a campus day at which a feed that has not marked it lacks it."""
    minimum_counted_days: float = Field(ge=0.01, le=DAYS_LIMIT)
    """Weight, in full days, that a kind's window needs for the kind to count."""
    minimum_weight_share: float = Field(ge=0, le=1)
    """Share of the kinds' weights that has to be left for a score."""
    thresholds: Thresholds
    kinds: Annotated[Mapping[_Kind, KindPolicy], Field(min_length=1), AfterValidator(_in_order)]
    """The scored kinds, always in the order of `KINDS`, whatever the document's order."""
    shown: Annotated[Mapping[_Kind, ShownKind], AfterValidator(_in_order)] = Field(default={})
    """Kinds that are counted for people to see, and not scored, each with the reason why."""
    not_scored: tuple[NotScoredRule, ...] = Field(default=(), strict=False)
    """Who gets no indicator; of several rules that fit, the first gives the reason."""
    overrides: tuple[Override, ...] = Field(default=(), strict=False)
    """Whose rules differ; of several that fit, the later ones have the last word."""
    alerts: tuple[AlertRule, ...] = Field(default=(), strict=False)
    """When a person is told: welfare."""
    compliance: ComplianceRules = ComplianceRules()
    """What a sponsor of visas has to notice: a set of its own."""

    @cached_property
    def minimum_percent(self) -> int:
        """`minimum_counted_days` in percent of a day."""
        return hundredths(self.minimum_counted_days)

    @property
    def minimum_weight(self) -> float:
        """The sum of weights below which there is no score, by the usual rules."""
        return self.usual.minimum_weight

    @property
    def horizon_days(self) -> int:
        """How far back an event may lie and still change a closing."""
        return self.look_back_days + self.amendment_days

    @cached_property
    def usual(self) -> Rules:
        """The rules of a student of full time to whom no override applies."""
        return self.rules_with((), is_part_time=False)

    def rules_with(self, overrides: Sequence[Override], *, is_part_time: bool) -> Rules:
        """Give the rules with these overrides applied one after the other.

        `scoring.resolution` says which apply to whom.
        """
        kinds, thresholds = dict(self.kinds), self.thresholds
        for override in overrides:
            for kind, different in override.kinds.items():
                kinds[kind] = different.on(kinds[kind])
            thresholds = override.thresholds or thresholds
        return Rules(
            version=self.version,
            look_back_days=self.look_back_days,
            minimum_percent=self.minimum_percent,
            minimum_weight_share=self.minimum_weight_share,
            thresholds=thresholds,
            kinds={kind: _rule(policy, is_part_time) for kind, policy in kinds.items()},
        )

    def band_of(self, score: float) -> Band:
        """Give the band of a score of 0 to 100 that is already rounded to hundredths."""
        return self.thresholds.band_of(score)

    @model_validator(mode="before")
    @classmethod
    def _must_not_know_people(cls, document: object) -> object:
        forbidden = list(refusals(document))
        if forbidden:
            raise contradiction(forbidden)
        return document

    @model_validator(mode="after")
    def _must_fit_together(self) -> Self:
        minimum, look_back = self.minimum_counted_days, self.look_back_days
        wrong = list(
            kind_problems(self.kinds, self.shown, minimum_days=minimum, look_back_days=look_back)
        )
        if not wrong:  # otherwise each override of a wrong kind would be wrong once more
            wrong += override_problems(
                self.overrides, self.kinds, minimum_days=minimum, look_back_days=look_back
            )
        wrong += self.compliance.problems(self.kinds, look_back_days=look_back)
        wrong += repeated_names("alerts", [rule.name for rule in self.alerts])
        wrong += repeated_names("compliance.rules", [rule.name for rule in self.compliance.rules])
        if wrong:
            raise contradiction(wrong)
        return self


def _rule(policy: KindPolicy, is_part_time: bool) -> KindRule:
    window_days = policy.window_days
    if is_part_time and policy.part_time_window_days is not None:
        window_days = policy.part_time_window_days
    off = tuple(OffSpan(day_of(s.first), day_of(s.last), s.reason) for s in policy.switched_off)
    return KindRule(policy.weight, window_days, policy.measure, policy.saturation, off)


_FIELDS: Final = field_names(Document)


def parse_policy(text: str, *, origin: str = "policy") -> Policy:
    """Read a policy from YAML.

    Raises PolicyError with one line a problem: `origin`, the field's path, what is wrong.
    """
    document = read_yaml(text, origin=origin)
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        problems = sentences_of(error, _FIELDS)
        raise PolicyError("\n".join(f"{origin}: {problem}" for problem in problems)) from error
