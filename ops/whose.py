"""Whose the rows of a list are, by what its column `student` holds."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectors.identity import pseudonyms
from connectors.list_plan import Whose
from connectors.oulad.source import SCHEME as OULAD
from connectors.people import UNKNOWN
from connectors.schemes import Scheme
from ops.context import Context
from ops.generation import Generation
from ops.reference import read_people
from schemas import topics
from schemas.errors import SettingsError

PSEUDONYM: Final = "pseudonym"
SCHEMES: Final = (*(scheme.value for scheme in Scheme), OULAD, PSEUDONYM)
"""What the column `student` of a file may hold."""


def check_scheme(scheme: str) -> None:
    """Raise SettingsError for a scheme that there is not."""
    if scheme not in SCHEMES:
        raise SettingsError(f"--scheme {scheme} is none of {', '.join(SCHEMES)}")


def whose_by(context: Context, generation: Generation, scheme: str) -> Whose:
    """Who the students of a file are, by what its column `student` holds.

    Identifiers of a campus are looked up in the identity topic; pseudonyms, and those of OULAD's
    students, have to have a student record.
    """
    if scheme in set(Scheme):
        people = read_people(context, generation)
        return lambda identifiers: people.find(Scheme(scheme), identifiers)
    recorded = np.unique(generation.read(topics.STUDENT)["student"].to_numpy())

    def find(identifiers: Sequence[str]) -> NDArray[np.int64]:
        distinct = [text for text in dict.fromkeys(identifiers) if _is_number(text)]
        if scheme == OULAD:
            numbers = pseudonyms(context.site_key, OULAD, distinct)
        else:
            numbers = np.array([int(text) for text in distinct], np.int64)
        known = np.where(np.isin(numbers, recorded), numbers, UNKNOWN).tolist()
        of = dict(zip(distinct, known, strict=True))
        return np.array([of.get(text, UNKNOWN) for text in identifiers], np.int64)

    return find


def everybody(identifiers: Sequence[str]) -> NDArray[np.int64]:
    """Each identifier is somebody."""
    number = {text: at for at, text in enumerate(dict.fromkeys(identifiers))}
    return np.array([number[text] for text in identifiers], np.int64)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 16
