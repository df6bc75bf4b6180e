"""The file that names all feeds: what is wrong with it is said in one sentence, with the name."""

from pathlib import Path

import pytest

from connectors.configuration import SourceConfiguration, read_configuration
from connectors.options import Setting
from connectors.table import FileSource
from connectors.zones import Zone
from schemas.errors import SourceError

SETTING = Setting("one", "one", Zone("Europe/London"))


def configured(folder: Path, text: str) -> SourceConfiguration:
    path = folder / "connect.yaml"
    path.write_text(text)
    (source,) = read_configuration(path).values()
    return source


def test_a_source_is_built_from_its_options(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_text("card,reader,time\n")
    options = f"type: taps, feed: doors, files: ['{tmp_path}/*.csv'], columns: {{card: Number}}"
    text = f"sources: {{taps: {{{options}}}}}"
    source = configured(tmp_path, text).build(SETTING)
    assert isinstance(source, FileSource)
    assert source.name == "one"
    assert list(source.feeds) == ["doors"]
    assert [path.name for path in source.files] == ["a.csv", "b.csv"]
    assert source.mapping.columns.in_file("card") == "Number"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: {x: {type: tapz}}", "'tapz' is no type of source; there are taps"),
        ("sources: {x: {type: taps, fils: [a]}}", "fils: Extra inputs"),
        ("sources: {x: {type: taps, files: [gone.csv]}}", "gone.csv: there is no such file"),
        ("sources: {x: {type: taps, encoding: latin9}}", "encoding"),
        ("sources: {x: {type: taps, columns: {crad: Number}}}", "crad is not a column"),
        ("sources: {x: {type: taps, timetable: t.csv}}", "needs `readers` too"),
        ("sources: {x: {type: taps, readers: gone.csv}}", "gone.csv cannot be read"),
        ("sources: {x: {type: moodle.database}}", "MOODLE_DATABASE"),
        ("sources: {x: {type: moodle.database, url: nonsense}}", "URL cannot be used"),
        ("sources: {x: {}}", "x.type"),
        ("souces: {}", "souces"),
        ("[]", "the file"),
        ("{", "no YAML"),
    ],
)
def test_what_is_wrong_is_said_by_name(
    tmp_path: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError) as raised:
        configured(tmp_path, text).build(SETTING)
    assert said in str(raised.value)


def test_a_table_that_explains_a_source_has_to_be_right(tmp_path: Path) -> None:
    readers = tmp_path / "readers.csv"
    source = SourceConfiguration("taps", "taps", {"readers": str(readers)})
    readers.write_text("reader,room\nR1,Hall\nR1,Lab\n")
    with pytest.raises(SourceError, match=r"readers\.csv:3: the reader R1 is in Lab, but in Hall"):
        source.build(SETTING)
    readers.write_text("reader,room\nR1\n")
    with pytest.raises(SourceError, match=r"readers\.csv:2: the row has 1 fields instead of 2"):
        source.build(SETTING)
    users = tmp_path / "users.csv"
    users.write_text(f"id,identifier\ng1,S1\ng2,{'x' * 5000}\n")
    talis = SourceConfiguration("talis", "talis.events", {"users": str(users)})
    with pytest.raises(SourceError, match=r"users\.csv:3: identifier has 5000 bytes, more than"):
        talis.build(SETTING)
