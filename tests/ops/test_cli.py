"""The command line lists its commands without importing them."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from ops.cli import COMMANDS, app_with
from tests.leap import app


def lines_of_help(of: typer.Typer) -> set[str]:
    return set(CliRunner().invoke(of, ["--help"], env={"COLUMNS": "200"}).output.splitlines())


def test_what_is_listed_is_what_each_command_says_of_itself() -> None:
    listed = lines_of_help(app_with([]))
    assert listed == lines_of_help(app)
    assert all(any(f" {name} " in line for line in listed) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_called_explains_itself(name: str) -> None:
    done = CliRunner().invoke(app_with([name]), [name, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert COMMANDS[name].help in done.output
    assert f"Usage: leap {name}" in done.output


def test_a_word_that_is_no_command_is_answered_with_the_one_that_was_meant() -> None:
    done = CliRunner().invoke(app_with(["studnt"]), ["studnt"])
    assert done.exit_code == 2
    assert "student" in done.output


def test_listing_imports_none_of_them() -> None:
    look = "import sys; from ops.cli import app_with; app_with([]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert not {"polars", "faust", "clickhouse_connect"} & set(done.stdout.split())
