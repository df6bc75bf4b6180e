"""What the command line says of a list of sponsored students, and of a policy with their rules."""

import json
from importlib.resources import files
from pathlib import Path

from typer.testing import CliRunner

from tests.leap import app
from tests.streams.test_servable import COMPLIANCE

LIST = """\
student,first,last
11,2024-09-23,2025-06-30
12,2024-09-23,
13,2024-02-30,
"""


def test_check_tells_what_is_refused_with_its_line_and_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "sponsored.csv"
    file.write_text(LIST)
    result = CliRunner().invoke(app, ["sponsorship", "check", str(file), "--json"])
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert (said["read"], said["declared"], said["refused"]) == (3, 2, 1)
    assert said["problems"][0].startswith("sponsored.csv:4: first is '2024-02-30'")
    file.write_text("".join(LIST.splitlines(keepends=True)[:3]))
    assert CliRunner().invoke(app, ["sponsorship", "check", str(file)]).exit_code == 0


def test_a_scheme_that_there_is_not_is_refused_before_anything_is_contacted(
    tmp_path: Path,
) -> None:
    arguments = ["sponsorship", "publish", str(tmp_path / "none.csv"), "--scheme", "passport"]
    result = CliRunner().invoke(app, arguments)
    assert "--scheme passport is none of student," in str(result.exception)


def test_checking_a_policy_says_whom_its_compliance_rules_are_about(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text((files("scoring") / "policies" / "default.yaml").read_text() + COMPLIANCE)
    result = CliRunner().invoke(app, ["policy", "check", str(file)])
    assert result.exit_code == 0
    assert "few_contacts, missed" in result.output
    assert "leap sponsorship" in result.output
