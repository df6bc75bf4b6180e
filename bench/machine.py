"""What the figures were measured on: the machine, and the versions of what took part."""

import os
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from ops.clocks import now

_OURS: Final = ("aiokafka", "confluent-kafka", "faust-streaming", "fastavro", "numpy", "polars")
_PEERS: Final = ("bytewax", "quixstreams")
_KIB_PER_GIB: Final = 1024**2


def surroundings(note: str) -> Mapping[str, object]:
    """Machine, versions, moment and load; `note` is passed through."""
    load = os.getloadavg()
    return {
        "measured_at": now().date().isoformat(),
        "note": note,
        "processor": _first("/proc/cpuinfo", r"model name\s*:\s*(.+)"),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_first("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0) / _KIB_PER_GIB),
        "system": f"{platform.system()} {platform.release()}",
        "load_of_the_last_15_minutes": round(load[2], 1),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in _OURS},
            **_locked(),
            "kafka": _kafka(),
        },
    }


def _first(path: str, pattern: str) -> str:
    found = re.search(pattern, Path(path).read_text())
    return found[1].strip() if found else ""


def _locked() -> dict[str, str]:
    lock = (files("bench.peers") / "requirements.lock").read_text()
    found: dict[str, str] = dict(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==(\S+)", lock, re.M))
    return {name: found[name] for name in _PEERS}


def _kafka() -> str:
    pom = (files("deploy") / "local" / "pom.xml").read_text()
    found = re.search(r"<kafka\.version>(.+)</kafka\.version>", pom)
    return found[1] if found else ""
