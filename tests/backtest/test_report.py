"""The report on real data, as an operator gets it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from backtest.words import HEADLINE_AUC
from connectors.oulad.files import shipped
from tests.leap import app

pytest.importorskip("sklearn", reason="the extra backtest is not installed")
pytest.importorskip("vl_convert", reason="the extra backtest is not installed")

Record = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def report(folder: Path) -> Record:
    """Module AAA by the default policy, by the command."""
    groups = folder / "groups.csv"
    groups.write_text("student,team\n11391,x\n28400,y\n")
    arguments = ["backtest", "--data", str(shipped()), "--groups", str(groups), "--json"]
    done = CliRunner().invoke(app, [*arguments, "--html", str(folder / "page.html")])
    assert done.exit_code == 0, done.output
    record: Record = json.loads(done.stdout)
    return record


def test_the_default_policy_orders_outcomes_as_well_as_it_has_to(report: Record) -> None:
    headline = report["headline"]
    assert headline["score"]["value"] >= 0.72
    assert headline["behind_model"]["value"] <= 0.015
    assert headline["bands_behind_score"]["value"] <= 0.02
    assert headline["score"]["low"] < headline["score"]["value"] < headline["score"]["high"]


def test_the_document_says_what_the_code_says(report: Record) -> None:
    document = (Path(__file__).parents[2] / "docs" / "BACKTEST.md").read_text()
    told = re.search(HEADLINE_AUC, document)
    assert told is not None
    assert told[1] == f"{report['headline']['score']['value']:.3f}"


def test_there_is_a_figure_for_every_week_and_bands_add_up(report: Record) -> None:
    assert [week["week"] for week in report["weeks"]] == list(range(1, 39))
    for week in report["weeks"]:
        assert sum(week["bands"].values()) == pytest.approx(1)
        assert -1 <= week["spearman"] <= 1


def test_the_page_needs_no_network_and_holds_charts_that_can_be_drawn(
    report: Record, folder: Path
) -> None:
    import vl_convert

    page = (folder / "page.html").read_text()
    outside = re.sub(r"(?s)(<script>).*?</script>", r"\1", page)  # Vega's own code is inside
    assert "<script>" in outside
    assert not re.search(r"(src|href)=|url\(|@import", outside)
    charts = re.findall(r'vegaEmbed\("#chart\d+", (\{.*?\}), \{mode', page)
    assert len(charts) == 3
    for chart in charts:
        assert "<svg" in vl_convert.vegalite_to_svg(json.loads(chart))


def test_groups_too_small_to_report_are_suppressed(report: Record) -> None:
    assert report["groups"] == []
    assert report["suppressed_groups"] == {"team": 2}
