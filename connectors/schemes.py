r"""The kinds of identifier by which systems know a person, and what counts as the same one.

| scheme | what | normalised |
|---|---|---|
| student | the number in the records system | upper case |
| username | the account at the campus; `DOMAIN\` before it is cut | folded case |
| email | an address | folded case |
| card | the number of a registration card | upper case, no spaces, `-` or `:` |
| moodle | Moodle's user id | no leading zeros |

All are brought into Unicode's compatibility form (NFKC) and lose white space at both ends.
"""

import unicodedata
from enum import StrEnum


class Scheme(StrEnum):
    """What kind of identifier it is."""

    STUDENT = "student"
    USERNAME = "username"
    EMAIL = "email"
    CARD = "card"
    MOODLE = "moodle"


_NO_SEPARATORS = str.maketrans("", "", " -:\t")


def normalised(scheme: Scheme, identifier: str) -> str:
    """The form in which two spellings of an identifier are equal; "" when nothing is left."""
    text = unicodedata.normalize("NFKC", identifier).strip()
    match scheme:
        case Scheme.STUDENT:
            return text.upper()
        case Scheme.USERNAME:
            return text.rpartition("\\")[2].casefold()
        case Scheme.EMAIL:
            return text.casefold()
        case Scheme.CARD:
            return text.translate(_NO_SEPARATORS).upper()
        case Scheme.MOODLE:
            return (text.lstrip("0") or "0") if text else ""
