"""No type of source without a contract, a page, and a run from file to indicator.

This asks for each in the catalogue; `test_contract.py` and `tests/ops/test_connect.py` run them.
"""

from collections import Counter
from pathlib import Path

import pytest

from connectors.catalogue import TYPES
from connectors.options import FileOptions
from tests.connectors.cases import CASES as CONTRACTS
from tests.ops.source_files import CASES as END_TO_END

PAGES = Path(__file__).parent.parent.parent / "docs" / "connectors"


def test_every_type_keeps_to_the_contract() -> None:
    assert Counter(case.name for case in CONTRACTS) == Counter([*TYPES])


def test_every_type_is_run_from_file_to_indicator() -> None:
    assert Counter(case.type for case in END_TO_END) == Counter([*TYPES])


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_a_page_that_names_its_options(name: str) -> None:
    page = (PAGES / f"{TYPES[name].page}.md").read_text()
    assert f"`{name}`" in page
    own = set(TYPES[name].options.model_fields) - set(FileOptions.model_fields)
    assert {option for option in own if f"`{option}`" not in page} == set()
