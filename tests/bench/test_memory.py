"""Memory is measured on the log and on one ten times as long, each by a process of its own."""

import json

import pytest

from bench.memory import LOG, TIMES
from tests.ops.site import Site


@pytest.mark.stack
def test_the_log_is_read_alone_at_both_lengths(site: Site) -> None:
    status, out, err = site.leap("bench", "connectors", "--memory", "--rows", "1000", "--json")
    assert status == 0, err + out
    told = json.loads(out)["connectors"]
    wanted = [(LOG.type, "kafka, alone", n) for n in (1000, TIMES * 1000)]
    assert [(one["source"], one["into"], one["rows"]) for one in told] == wanted
    assert all(0 < one["published"] <= one["rows"] for one in told)
    assert all(one["peak_rss_mb"] > 50 for one in told), "no process with polars takes less"
