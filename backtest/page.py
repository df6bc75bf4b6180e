"""A report as one HTML page that holds all it needs, charts and their code: no network."""

from collections.abc import Mapping
from html import escape
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import polars

from backtest.estimates import Estimate
from backtest.report import Ordering, Report
from backtest.words import Heading, band_name, tables, verdict
from schemas.errors import SettingsError
from schemas.types import Band

if TYPE_CHECKING:
    import altair

NEEDED: Final = (
    "a page with charts needs altair and vl-convert-python: install leap with its extra, pip"
    ' install "leap[backtest]"'
)
_COLOURS: Final = ["#b2182b", "#ef8a62", "#d9d9d9", "#67a9cf", "#2166ac"]
_WIDTH, _HEIGHT = 720, 280
_STYLE: Final = """
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-size: 0.85rem; margin: 1rem 0; }
th, td { text-align: left; padding: 0.2rem 0.7rem 0.2rem 0; border-bottom: 1px solid #ddd; }
"""


def must_be_drawable() -> None:
    """Raise SettingsError without the extra `backtest`."""
    if find_spec("altair") is None or find_spec("vl_convert") is None:
        raise SettingsError(NEEDED)


def page(report: Report) -> str:
    """Write the page.

    Raises SettingsError without the extra `backtest`.
    """
    must_be_drawable()
    import vl_convert

    charts = [_ordering_chart(report), _band_chart(report)]
    if report.loads:
        charts.append(_alert_chart(report))
    title = escape(f"Backtest of policy {report.policy!r}, version {report.version}")
    drawn = "\n".join(
        f'<div id="chart{number}"></div>\n<script>vegaEmbed("#chart{number}",'
        f" {_in_a_script(chart.to_json(indent=None))},"
        ' {mode: "vega-lite", actions: false});</script>'
        for number, chart in enumerate(charts)
    )
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    said = "\n".join(f"<p>{escape(sentence)}</p>" for sentence in verdict(report))
    drawn_tables = "\n".join(_table(one) for one in tables(report))
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in report.problems)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n<script>{bundle}</script>\n</head>\n"
        f"<body>\n<h1>{title}</h1>\n{said}\n{drawn}\n{drawn_tables}\n"
        + (f"<h2>What could not be used</h2>\n<ul>{problems}</ul>\n" if problems else "")
        + "</body>\n</html>\n"
    )


def _in_a_script(json_text: str) -> str:
    return json_text.replace("</", "<\\/")  # a text in the data must not end the script


def _table(heading: Heading) -> str:
    title, columns, rows = heading
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<h2>{escape(title)}</h2>\n<table><tr>{head}</tr>\n{body}</table>"


def _ordering_chart(report: Report) -> "altair.LayerChart":
    import altair

    values = [
        {"week": one.week, "what": what, "auc": of.value, "low": of.low, "high": of.high}
        for one in report.weeks
        for what, of in _measures(one.ordering).items()
        if of is not None
    ]
    base = altair.Chart(polars.DataFrame(values)).encode(
        x=altair.X("week:Q", title="week of term"), color=altair.Color("what:N", title=None)
    )
    scale = altair.Scale(domain=[0.4, 1.0], clamp=True)
    interval = base.mark_area(opacity=0.15).encode(
        y=altair.Y("low:Q", title="AUC", scale=scale), y2="high:Q"
    )
    line = base.mark_line().encode(y=altair.Y("auc:Q", scale=scale))
    chart: altair.LayerChart = (interval + line).properties(
        title="How well students are ordered by how they end, with 95 % intervals",
        width=_WIDTH,
        height=_HEIGHT,
    )
    return chart


def _measures(ordering: Ordering) -> Mapping[str, Estimate | None]:
    return {
        "score": ordering.score,
        "bands alone": ordering.bands,
        "learned model": ordering.model,
    }


def _band_chart(report: Report) -> "altair.Chart":
    import altair

    names = [band.value for band in Band if band is not Band.NONE]
    values = [
        {"week": one.week, "band": band_name(name), "share": one.bands[name], "place": place}
        for one in report.weeks
        for place, name in enumerate(names)
    ]
    order = [band_name(name) for name in names]
    chart: altair.Chart = (
        altair.Chart(polars.DataFrame(values))
        .mark_bar()
        .encode(
            x=altair.X("week:O", title="week of term"),
            y=altair.Y("share:Q", title="share of students", stack="normalize"),
            color=altair.Color(
                "band:N", sort=order, scale=altair.Scale(domain=order, range=_COLOURS)
            ),
            order=altair.Order("place:Q"),
        )
        .properties(title="Bands over time", width=_WIDTH, height=_HEIGHT)
    )
    return chart


def _alert_chart(report: Report) -> "altair.Chart":
    import altair

    values = [
        {
            "rule": one.rule,
            "load": one.per_100_students_and_week,
            "found": one.alerted_adverse.value,
        }
        for one in report.loads
        if one.alerted_adverse is not None
    ]
    chart: altair.Chart = (
        altair.Chart(polars.DataFrame(values))
        .mark_bar()
        .encode(
            x=altair.X("load:Q", title="alerts per 100 students and week"),
            y=altair.Y("rule:N", title=None, sort="-x"),
            color=altair.Color(
                "found:Q",
                title="failed or withdrew",
                scale=altair.Scale(scheme="oranges", domain=[0, 1]),
            ),
        )
        .properties(title="Alerts, and whom they are about", width=_WIDTH, height=_HEIGHT // 2)
    )
    return chart
