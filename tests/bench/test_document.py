"""docs/PERFORMANCE.md says what docs/performance.json holds, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.document import DOCUMENT, FIGURES, PLOT, text_of, write_document
from bench.targets import verdicts
from tests.conftest import ROOT

DOCS = ROOT / "docs"


@pytest.fixture
def record() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / FIGURES).read_text())
    return found


def test_the_document_that_is_shipped_is_made_from_the_figures_that_are_shipped(
    record: dict[str, Any],
) -> None:
    assert (DOCS / DOCUMENT).read_text() == text_of(record)


def test_writing_it_again_gives_the_document_and_a_plot_that_names_each_entrant(
    record: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / FIGURES).write_text(json.dumps(record))
    write_document(tmp_path)
    assert (tmp_path / DOCUMENT).read_text() == text_of(record)
    plot = (tmp_path / PLOT).read_text()
    for run in record["contest"]:
        assert run["entrant"] in plot or "absent" in run


def test_an_entrant_that_could_not_be_measured_is_named_with_the_reason(
    record: dict[str, Any], tmp_path: Path
) -> None:
    record["contest"].append({"entrant": "A peer", "absent": "it has no wheel"})
    (tmp_path / FIGURES).write_text(json.dumps(record))
    write_document(tmp_path)
    assert "| A peer | not measured: it has no wheel |" in (tmp_path / DOCUMENT).read_text()


def test_a_figure_beyond_its_target_is_missed_and_says_by_how_much(record: dict[str, Any]) -> None:
    record["engine"]["close_seconds_per_million_students"] = 3.0
    record["engine"]["slow_path_records_per_second"] = 30_000
    found = {verdict.figure: verdict.text for verdict in verdicts(record)}
    assert found["closing a day for a million students"] == "missed, 1.5 times the target"
    assert found["records a second, slow path"] == "missed, 2.0 times the target"
    record["engine"]["close_seconds_per_million_students"] = 2.0
    record["engine"]["slow_path_records_per_second"] = 60_000
    found = {verdict.figure: verdict.text for verdict in verdicts(record)}
    assert found["closing a day for a million students"] == "met"
    assert found["records a second, slow path"] == "met"
