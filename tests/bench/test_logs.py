"""The logs that connectors are measured on are read without a word, by people who are known."""

from pathlib import Path

import pytest

from bench.connecting import people_of
from bench.logs import LOGS, Log
from connectors.configuration import SourceConfiguration
from connectors.options import Setting
from tests.connectors.connected import CAMPUS, connected
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import PARTITIONS, SITE_KEY


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.type)
def test_every_row_is_somebodys(log: Log, tmp_path: Path) -> None:
    log.write(tmp_path / "log.csv", 200)
    options = {**log.options, "files": [str(tmp_path / "log.csv")]}
    source = SourceConfiguration(log.type, log.type, options).build(
        Setting(log.type, log.type, CAMPUS)
    )
    known = people_of(SITE_KEY, log)
    account = connected(source, MemoryPublisher(PARTITIONS), known)
    assert account.read == 200
    assert not account.quarantined
    assert account.published.total() > 150
