"""How a report says its figures, in tables, pages and documents alike."""

from collections.abc import Callable, Sequence
from typing import Final

from backtest.estimates import Estimate
from backtest.report import Report
from schemas.types import Band

NOT_KNOWN: Final = "-"
HEADLINE_AUC: Final = r"in \d+ of 100 pairs: AUC (\d\.\d{3})"
"""How `verdict` says the one figure, so that a document can be held against a report."""
Heading = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A table: title, names of the columns, rows of text."""


def percent(value: float | None) -> str:
    """Give 0.256 as "26 %"."""
    return NOT_KNOWN if value is None else f"{100 * value:.0f} %"


def percent_interval(estimate: Estimate | None, *, signed: bool = False) -> str:
    """Give "26 % (22 to 30)"."""
    if estimate is None:
        return NOT_KNOWN
    sign = "+" if signed else ""
    return (
        f"{100 * estimate.value:{sign}.0f} %"
        f" ({100 * estimate.low:{sign}.0f} to {100 * estimate.high:{sign}.0f})"
    )


def figure(estimate: Estimate | None) -> str:
    """Give "0.725 (0.690 to 0.760)"."""
    return NOT_KNOWN if estimate is None else str(estimate)


def band_name(band: str) -> str:
    """Give a band as people say it."""
    return band.replace("_", " ")


def verdict(report: Report) -> list[str]:
    """Say in sentences how well or badly the policy orders the outcomes."""
    headline = report.headline
    weeks = ", ".join(str(week) for week in report.headline_weeks)
    if headline.score is None:
        return ["Too few students of either outcome: this history says nothing about the policy."]
    score = headline.score
    said = [
        f"Of {report.enrolments} enrolments {percent(report.adverse_share)} ended in failing or"
        f" withdrawing. At the end of weeks {weeks} (mean), of two students of the same course who"
        " are both still registered, one of whom will fail or withdraw, that one has the lower"
        f" score in {100 * score.value:.0f} of 100 pairs: AUC {score}. Chance gives 50,"
        f" certainty 100: {_judgement(score)}."
    ]
    if report.students < report.enrolments:
        said.append(
            f"These are {report.students} people: who is in several courses counts in each, and the"
            " learned model never saw them in another one."
        )
    if headline.behind_model is not None and headline.model is not None:
        behind = headline.behind_model
        said.append(
            "A gradient-boosted model that learned from the other courses, on the same counts and"
            f" due dates, reaches {headline.model}: "
            + _compared("the score is", behind, "the model")
        )
    if headline.bands_behind_score is not None:
        said.append(
            "The five bands alone: "
            + _compared("they are", headline.bands_behind_score, "the score")
        )
    return said


def _judgement(score: Estimate) -> str:
    if score.low <= 0.5:
        return "chance alone could have given as much"
    if score.value < 0.6:
        return "weak, hardly more than chance"
    if score.value < 0.7:
        return "weak to fair"
    if score.value < 0.8:
        return (
            "fair: enough to suggest whom to talk to first, far too little to decide anything about"
            " anybody"
        )
    return "good, and still no reason to decide anything about anybody"


def _compared(who: str, behind: Estimate, other: str) -> str:
    way = "behind" if behind.value >= 0 else "ahead of"
    return (
        f"{who} {abs(behind.value):.3f} {way} {other} (difference {behind.value:+.3f},"
        f" interval {behind.low:+.3f} to {behind.high:+.3f})."
    )


def tables(report: Report) -> list[Heading]:
    """Give all tables of a report."""
    found: list[Callable[[Report], Heading | None]] = [
        _courses,
        _weeks,
        _bands,
        _by_band,
        _loads,
        _groups,
        _disparities,
    ]
    return [table for table in (make(report) for make in found) if table is not None]


def _courses(report: Report) -> Heading:
    rows = [
        [
            one.course,
            str(one.students),
            percent(one.adverse_share),
            figure(one.ordering.score),
            figure(one.ordering.bands),
            figure(one.ordering.model),
        ]
        for one in report.courses
    ]
    columns = ["course", "students", "failed or withdrew", "score", "bands alone", "learned model"]
    return ("AUC by course, mean of the headline weeks", columns, rows)


def _weeks(report: Report) -> Heading:
    rows = [
        [
            str(one.week),
            str(one.students),
            figure(one.ordering.score),
            figure(one.ordering.bands),
            figure(one.ordering.model),
            NOT_KNOWN if one.spearman is None else f"{one.spearman:.2f}",
        ]
        for one in report.weeks
    ]
    columns = ["week", "compared", "score", "bands alone", "learned model", "Spearman"]
    return ("AUC at the end of each week, and rank correlation with the result", columns, rows)


def _bands(report: Report) -> Heading:
    names = [band.value for band in Band if band is not Band.NONE]
    rows = [[str(one.week), *(percent(one.bands[name]) for name in names)] for one in report.weeks]
    title = (
        f"Students by band over time; a band changes {_changes(report)} times a student and week"
    )
    return (title, ["week", *map(band_name, names)], rows)


def _changes(report: Report) -> str:
    changes = report.changes
    if changes is None:
        return NOT_KNOWN
    return f"{changes.value:.2f} ({changes.low:.2f} to {changes.high:.2f})"


def _by_band(report: Report) -> Heading:
    rows = [[band_name(band), percent(share)] for band, share in report.adverse_by_band.items()]
    return (
        "How students of each band ended (headline weeks)",
        ["band", "failed or withdrew"],
        rows,
    )


def _loads(report: Report) -> Heading | None:
    if not report.loads:
        return None
    rows = [
        [
            one.rule,
            f"{one.per_100_students_and_week:.2f}",
            f"{one.per_tutor_and_week:.2f}",
            f"{one.busiest_week_per_tutor:.1f}",
            percent_interval(one.alerted),
            percent_interval(one.alerted_adverse),
            percent_interval(one.withdrawals_found),
            NOT_KNOWN
            if one.lead_days is None
            else "{1:.0f} ({0:.0f} to {2:.0f})".format(*one.lead_days),
        ]
        for one in report.loads
    ]
    columns = [
        "rule",
        "per 100 students and week",
        "per tutor and week",
        "busiest week",
        "students ever alerted",
        "of whom failed or withdrew",
        "withdrawals with an alert before",
        "days from first alert to withdrawal (quartiles)",
    ]
    return (f"Alerts (a tutor has {report.tutees} tutees, unless the data say)", columns, rows)


def _groups(report: Report) -> Heading | None:
    if not report.groups and not report.suppressed_groups:
        return None
    rows = [
        [
            f"{one.column}: {one.value}",
            str(one.students),
            percent_interval(one.adverse),
            figure(one.score_auc),
            percent_interval(one.lowest_bands),
            percent_interval(one.alerted),
            NOT_KNOWN if one.changes is None else f"{one.changes.value:.2f}",
        ]
        for one in report.groups
    ]
    rows += [
        [f"{column}: {number} groups", "suppressed", *[NOT_KNOWN] * 5]
        for column, number in report.suppressed_groups.items()
    ]
    columns = [
        "group",
        "students",
        "failed or withdrew",
        "AUC of the score",
        "in the two lowest bands",
        "ever alerted",
        "band changes a week",
    ]
    return ("Statistical groups (fewer than 10 students: suppressed)", columns, rows)


def _disparities(report: Report) -> Heading | None:
    if not report.groups:
        return None
    rows = [
        [
            f"{one.column}: {one.value}",
            percent_interval(one.lowest_bands_less_others, signed=True),
            percent_interval(one.alerted_less_others, signed=True),
        ]
        for one in report.groups
    ]
    columns = ["group", "in the two lowest bands", "ever alerted"]
    return ("Disparities: the group less everybody else of its column", columns, rows)
