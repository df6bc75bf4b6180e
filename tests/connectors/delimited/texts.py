"""Delimited text, well-formed and otherwise."""

from hypothesis import strategies as st

CELLS = st.text(st.sampled_from('ab,"\r\n \t;é€\0'), max_size=6)
MESSY = st.lists(
    st.sampled_from(
        [b"a", b"b", b",", b",", b'"', b'"', b"\r", b"\n", b"\r\n", b" ", b"\xff", "é".encode()]
    ),
    max_size=40,
).map(b"".join)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
