"""Which field of an activity's details names the item that it meets, for questions in SQL."""

from collections.abc import Mapping, Sequence
from typing import Final

from scoring.items import NAMED_BY

NAMING: Final[Mapping[str, Sequence[str]]] = {
    "kinds": [kind.value for kind in NAMED_BY],
    "names": list(NAMED_BY.values()),
}
"""Parameters: the kinds that name one, and each one's field."""
