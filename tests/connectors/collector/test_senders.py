"""The file of senders, and their secrets."""

from pathlib import Path

import pytest

from connectors.collector import credentials
from connectors.collector.refusal import Unauthorized
from connectors.collector.senders import read_senders
from connectors.collector.vocabulary import KINDS
from connectors.schemes import Scheme
from schemas.errors import SourceError
from schemas.types import Kind

SECRET = credentials.draw()
HASH = credentials.hashed(SECRET)


def written(folder: Path, text: str) -> Path:
    path = folder / "senders.yaml"
    path.write_text(text.replace("HASH", HASH))
    return path


def test_a_sender_has_what_its_file_says_and_defaults_for_the_rest(tmp_path: Path) -> None:
    text = """
senders:
  moodle:
    credentials: [HASH]
  talis:
    feed: lists
    credentials: [HASH]
    people: {accounts: {"https://rl.example": email}, otherwise: student}
    kinds: [reading_list]
    rules: [{verb: "a:viewed", kind: reading_list}]
    statements_per_second: 5
"""
    moodle, talis = read_senders(written(tmp_path, text)).all
    assert (moodle.feed, moodle.kinds, moodle.names.otherwise) == ("moodle", KINDS, Scheme.USERNAME)
    assert (talis.feed, list(talis.kinds)) == ("lists", [Kind.READING_LIST])
    assert talis.vocabulary.xapi("a:viewed", "", "") is Kind.READING_LIST
    assert talis.statements_per_second == 5


def test_only_the_right_secret_under_the_right_name_is_let_in(tmp_path: Path) -> None:
    senders = read_senders(written(tmp_path, "senders: {moodle: {credentials: [HASH]}}"))
    assert senders.by_credentials(f"Bearer {SECRET}").name == "moodle"
    for header in (None, "", "Bearer", f"Bearer {HASH}", f"Bearer {SECRET}x", "Basic %%%"):
        with pytest.raises(Unauthorized):
            senders.by_credentials(header)


def test_secrets_are_not_in_the_file_and_differ(tmp_path: Path) -> None:
    assert SECRET not in HASH
    assert len({credentials.draw() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("senders: {}", "senders"),
        ("senders: {moodle: {}}", "credentials"),
        ("senders: {moodle: {credentials: []}}", "credentials"),
        ("senders: {moodle: {credentials: [secret]}}", "leap collect credential"),
        ("senders: {moodle: {credentials: [HASH], kinds: [sleep]}}", "kinds"),
        ("senders: {moodle: {credentials: [HASH], colour: red}}", "colour"),
        ("senders: {a: {credentials: [HASH], feed: x}, b: {credentials: [HASH], feed: x}}", "x"),
        ("senders: [", "YAML"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        read_senders(written(tmp_path, text))
