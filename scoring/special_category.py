"""Refuses attributes of people that may never enter a score.

Two lists of the law, and two of our own rules:
- special-category data: UK GDPR, article 9;
- protected characteristics: Equality Act 2010, section 4;
- statistical attributes, which serve figures on equality of opportunity only (background, origin,
  money);
- immigration status: who is sponsored is told by a topic of its own, to compliance rules alone.

A document is searched for them wherever it names a field or selects students. Programmes are left
alone: "Religion and Theology" or "Disability Studies" are subjects that people study.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

_IMMIGRATION: Final = "immigration status"

_STEMS: Final = (
    ("ethnic", "ethnic origin"),
    ("racial", "racial origin"),
    ("disab", "disability"),
    ("neurodiver", "disability"),
    ("religi", "religion or belief"),
    ("philosophicalbelief", "religion or belief"),
    ("political", "political opinions"),
    ("tradeunion", "trade union membership"),
    ("sexual", "sexual orientation"),
    ("genderreassign", "gender reassignment"),
    ("transgender", "gender reassignment"),
    ("gender", "sex"),
    ("pregnan", "pregnancy and maternity"),
    ("matern", "pregnancy and maternity"),
    ("biometric", "biometric data"),
    ("geneticdata", "genetic data"),
    ("medical", "health"),
    ("mentalhealth", "health"),
    ("diagnos", "health"),
    ("marital", "marriage and civil partnership"),
    ("civilpartner", "marriage and civil partnership"),
    ("criminal", "criminal convictions"),
    ("nationalit", "nationality"),
    ("domicile", "nationality"),
    ("immigra", _IMMIGRATION),
    ("sponsored", _IMMIGRATION),
    ("deprivation", "deprivation of an area"),
    ("socioeconomic", "social background"),
    ("firstgeneration", "social background"),
    ("careleaver", "social background"),
    ("freeschoolmeal", "social background"),
    ("householdincome", "social background"),
)
"""Parts of words, and what they are about; looked for in names without signs and capitals."""

_WORDS: Final = {
    "race": "racial origin",
    "health": "health",
    "illness": "health",
    "belief": "religion or belief",
    "faith": "religion or belief",
    "sex": "sex",
    "trans": "gender reassignment",
    "genetic": "genetic data",
    "genetics": "genetic data",
    "married": "marriage and civil partnership",
    "age": "age",
    "birthdate": "age",
    "dob": "age",
    "visa": _IMMIGRATION,
    "imd": "deprivation of an area",
    "polar": "deprivation of an area",
    "tundra": "deprivation of an area",
}
"""Whole words: as parts they would hit others ("age" in "average")."""

_SELECTING: Final = frozenset({"level", "status", "feeds"})
"""Fields whose values are searched too: by them students are selected or observed."""


def about(name: str) -> str | None:
    """Give what a name is about when that may not enter a score: "disability"; None otherwise."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    joined = "".join(words)
    for stem, subject in _STEMS:
        if stem in joined:
            return subject
    return next((_WORDS[word] for word in words if word in _WORDS), None)


def refusal_of_value(value: str) -> str | None:
    """Give the sentence that refuses `value`, a level, a status or a feed; None when it may be."""
    subject = about(value)
    return None if subject is None else f"{value!r} {_why(subject)}"


def refusals(document: object) -> Iterator[str]:
    """Give a sentence for each forbidden name in a document, beginning with its path."""
    return _refusals(document, "", set())


def _refusals(given: object, path: str, visited: set[int]) -> Iterator[str]:
    if not isinstance(given, Mapping | list | tuple) or id(given) in visited:
        return  # a document may hold one of its parts in many places, even within itself
    visited.add(id(given))
    is_mapping = isinstance(given, Mapping)
    for key, value in given.items() if isinstance(given, Mapping) else enumerate(given):
        here = f"{path}.{key}" if path else str(key)
        subject = about(str(key)) if is_mapping else None
        if subject is not None:
            yield f"{here}: {_why(subject)}"
        elif is_mapping and key in _SELECTING and isinstance(value, list | tuple):
            for place, word in enumerate(value):
                refused = refusal_of_value(word) if isinstance(word, str) else None
                if refused is not None:
                    yield f"{here}.{place}: {refused}"
        else:
            yield from _refusals(value, here, visited)


def _why(subject: str) -> str:
    only = "such attributes serve statistics on equality of opportunity only"
    if subject == _IMMIGRATION:
        only = "who is sponsored is told by `leap sponsorship`, to compliance rules alone"
    return (
        f"is about {subject}, which may never enter a score, an alert or the choice of rules: "
        f"{only}; remove it"
    )
