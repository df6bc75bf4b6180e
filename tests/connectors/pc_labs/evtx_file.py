"""Writes Windows event logs (EVTX) from the JSON that is read of their records.

Windows writes elements by templates; here each is written out, which is as valid, and shorter. The
form is that of libevtx's documentation (Joachim Metz, "Windows XML Event Log (EVTX) format").
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from struct import pack
from typing import TypeAlias
from zlib import crc32

from connectors.pc_labs.evtx import CHUNK_BYTES, HEADER_BYTES

Element: TypeAlias = "str | Mapping[str, Element]"

_CHUNK_HEADER_BYTES = 512
_FILETIME_2022 = 132_854_688_000_000_000  # 100 ns since 1601; no test looks at it


def write_evtx(path: Path, records: Sequence[bytes], a_chunk: int = 2) -> None:
    """Lays the records down, `a_chunk` of them in each chunk."""
    chunks = [
        chunk_of(records[first : first + a_chunk], first + 1)
        for first in range(0, len(records), a_chunk)
    ]
    fields = (0, len(chunks) - 1, len(records) + 1, 128, 1, 3, HEADER_BYTES, len(chunks))
    start = pack("<8sqqqIHHHH", b"ElfFile\0", *fields).ljust(120, b"\0")
    header = start + pack("<II", 0, crc32(start))
    path.write_bytes(header.ljust(HEADER_BYTES, b"\0") + b"".join(chunks))


def chunk_of(records: Sequence[bytes], first: int) -> bytes:
    """A chunk whose first record has the number `first`."""
    body = b""
    for number, record in enumerate(records, first):
        last_at = _CHUNK_HEADER_BYTES + len(body)
        xml = _fragment(json.loads(record), last_at + 24)
        size = 24 + len(xml) + 4
        body += pack("<4sIQQ", b"**\0\0", size, number, _FILETIME_2022) + xml + pack("<I", size)
    last = first + len(records) - 1
    free = _CHUNK_HEADER_BYTES + len(body)
    start = pack("<8sQQQQ", b"ElfChnk\0", first, last, first, last)
    start += pack("<IIII", 128, last_at, free, crc32(body))
    tables = bytes(_CHUNK_HEADER_BYTES - 128)
    checked = start.ljust(120, b"\0")
    header = checked + pack("<II", 0, crc32(checked + tables)) + tables
    return (header + body).ljust(CHUNK_BYTES, b"\0")


def _fragment(record: Mapping[str, Element], at: int) -> bytes:
    """The XML of a record, to stand at byte `at` of its chunk."""
    ((name, element),) = record.items()
    return b"\x0f\x01\x01\x00" + _element(name, element, at + 4) + b"\x00"


def _element(name: str, element: Element, at: int) -> bytes:
    attributes = element.get("#attributes", {}) if isinstance(element, Mapping) else {}
    assert isinstance(attributes, Mapping)
    named = _name(name, at + 9)
    listed = b""
    if attributes:
        ((key, value),) = attributes.items()
        attribute_at = at + 9 + len(named)
        attribute = b"\x06" + _name(key, attribute_at + 5) + _value(str(value))
        listed = pack("<I", len(attribute)) + attribute
    inner = b""
    inside = at + 5 + len(named) + len(listed) + 1
    if isinstance(element, str):
        inner = _value(element)
    else:
        for key, child in element.items():
            if key != "#attributes":
                inner += _element(key, child, inside + len(inner))
    rest = named + listed + b"\x02" + inner + b"\x04"
    return pack("<BI", 0x41 if listed else 0x01, len(rest)) + rest


def _name(name: str, at: int) -> bytes:
    """A name that is defined where it is used: `at` is the byte behind its own offset."""
    letters = name.encode("utf-16-le")
    return pack("<IIHH", at, 0, _hash(name), len(name)) + letters + b"\0\0"


def _hash(name: str) -> int:
    found = 0
    for letter in name:
        found = (found * 65599 + ord(letter)) & 0xFFFFFFFF
    return found & 0xFFFF


def _value(text: str) -> bytes:
    letters = text.encode("utf-16-le")
    return b"\x05\x01" + pack("<H", len(letters) // 2) + letters
