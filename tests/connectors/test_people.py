"""Who is who: spellings, random pseudonyms, and people who were erased."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.identity import identity_hashes
from connectors.people import ERASED, UNKNOWN, KnownPeople
from connectors.registrar import Conflict, Registrar
from connectors.schemes import Scheme, normalised
from schemas.types import STUDENT_ID_LIMIT
from tests.connectors.world import SITE_KEY

ROWS = st.lists(
    st.fixed_dictionaries(
        {Scheme.STUDENT: st.sampled_from(["S1", "s1", "S2", "S3"])},
        optional={
            Scheme.CARD: st.sampled_from(["c1", "C-1", "c2", ""]),
            Scheme.MOODLE: st.sampled_from(["7", "007", "8"]),
        },
    ),
    max_size=12,
)


def registrar(draws: Iterable[int] | None = None) -> Registrar:
    numbers = itertools.count(1) if draws is None else iter(draws)
    return Registrar(SITE_KEY, {}, set(), lambda limit: next(numbers) % limit)


def hash_of(scheme: Scheme, text: str) -> bytes:
    return identity_hashes(SITE_KEY, scheme, [normalised(scheme, text)])[0]


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        (Scheme.USERNAME, "CAMPUS\\JSmith", " jsmith"),
        (Scheme.EMAIL, "J.Smith@Example.ac.uk", "j.smith@example.ac.uk "),
        (Scheme.CARD, "0a:1b 2c", "0A1B-2C"),
        (Scheme.MOODLE, "0042", "42"),
        (Scheme.STUDENT, "s12\uff13", "S123"),
    ],
)
def test_two_spellings_of_an_identifier_are_one(scheme: Scheme, one: str, other: str) -> None:
    assert normalised(scheme, one) == normalised(scheme, other)


def test_the_same_text_is_another_person_under_another_scheme() -> None:
    assert len({hash_of(scheme, "42") for scheme in Scheme}) == len(Scheme)


@given(ROWS)
def test_a_person_is_a_student_number_and_no_identifier_has_two_owners(
    rows: list[dict[Scheme, str]],
) -> None:
    one = registrar()
    owners: dict[tuple[Scheme, str], int | None] = {}
    by_number: dict[str, int | None] = {}
    for row in rows:
        names = [(scheme, normalised(scheme, text)) for scheme, text in row.items() if text]
        number = normalised(Scheme.STUDENT, row[Scheme.STUDENT])
        is_conflict = any(
            owners.get(name, by_number.get(number)) != by_number.get(number) for name in names
        )
        if is_conflict:
            with pytest.raises(Conflict):
                one.register(row)
            continue
        student = one.register(row)
        assert by_number.setdefault(number, student) == student
        owners.update(dict.fromkeys(names, student))
    assert len(set(by_number.values())) == len(by_number)
    news = one.news()
    assert {known.identity: known.student for known in news} == {
        hash_of(*name): student for name, student in owners.items()
    }
    assert len(news) == len(owners)
    assert one.news() == []


def test_a_number_that_is_taken_is_drawn_again() -> None:
    one = registrar([5, 5, 5, 6])
    assert one.register({Scheme.STUDENT: "S1"}) == 5
    assert one.register({Scheme.STUDENT: "S2"}) == 6


def test_pseudonyms_lie_below_the_limit() -> None:
    one = Registrar(SITE_KEY, {}, set(), lambda limit: limit - 1)
    assert one.register({Scheme.STUDENT: "S1"}) == STUDENT_ID_LIMIT - 1


def test_an_erased_person_stays_away_with_every_identifier_old_and_new() -> None:
    one = registrar()
    one.register({Scheme.STUDENT: "S1", Scheme.CARD: "c1"})
    assert one.suppress(Scheme.CARD, "C1") == 2
    assert one.register({Scheme.STUDENT: "S1", Scheme.USERNAME: "new"}) is None
    erased = {known.identity for known in one.news() if known.student is None}
    assert erased == {
        hash_of(Scheme.STUDENT, "S1"),
        hash_of(Scheme.CARD, "c1"),
        hash_of(Scheme.USERNAME, "new"),
    }


def test_somebody_unknown_can_be_kept_out_beforehand() -> None:
    one = registrar()
    assert one.suppress(Scheme.STUDENT, "S9") == 1
    assert one.register({Scheme.STUDENT: "s9"}) is None


def test_suppression_goes_before_everything_that_is_known() -> None:
    card, other = hash_of(Scheme.CARD, "c1"), hash_of(Scheme.CARD, "c2")
    people = KnownPeople(SITE_KEY, {card: 3, other: 4}, [card])
    assert people.find(Scheme.CARD, ["c1", "C2", "c9", "c2"]).tolist() == [ERASED, 4, UNKNOWN, 4]
