"""Conditions of compliance rules for many students at once; `contact_points.py` defines them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.alert_kernel import before_each
from scoring.compliance import ContactPoints
from scoring.due_items import NEVER, DueItems

_Integers = NDArray[np.int64]
_Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a rule says of S students on E days: [E, S] each."""

    held: _Bits
    speaks: _Bits
    number: _Integers
    """Of days with contact, or of items missed."""
    since: _Integers
    """The campus day from which on they were counted."""


def few_contacts(
    rule: ContactPoints, active: _Bits, counted: _Bits, first_day: int, number: int
) -> Found:
    """Look for too little contact on the last `number` of K days.

    `active`: days with contact, `counted`: days that count for all kinds of the rule, [K, S] each;
    `first_day` is the campus day of row 0. Each of the last days looks back over K - number + 1
    days, itself included.
    """
    days = len(counted)
    ends = np.arange(days - number, days)[:, None]
    earliest = np.arange(number)[:, None]
    counted_before, contacts_before = before_each(counted), before_each(active)
    # The rows of the days that count, in order; the span begins with one of them.
    counting = np.argsort(~counted, axis=0, kind="stable")
    place = counted_before[ends[:, 0] + 1] - rule.within_days
    start = np.take_along_axis(counting, np.maximum(place, 0), axis=0)
    is_whole = (place >= 0) & (start >= earliest)
    start = np.where(is_whole, start, earliest)
    contacts = contacts_before[ends[:, 0] + 1] - np.take_along_axis(contacts_before, start, axis=0)
    is_enough = contacts >= rule.at_least
    now = counted[days - number :]
    return Found(
        held=now & is_whole & ~is_enough,
        speaks=now & (is_whole | is_enough),
        number=contacts,
        since=start + first_day,
    )


def missed_in_a_row(
    wanted: int,
    items: DueItems,
    counts: _Bits,
    speaks: _Bits,
    days: _Integers,
    look_back_days: int,
) -> Found:
    """Look for `wanted` items that were missed one behind the other, on E campus days.

    `counts`: which of N items were due on a day that counts for their kind; `speaks`: the days that
    count for all kinds of the rule, [E, S].
    """
    number, since = np.zeros(speaks.shape, np.int64), np.full(speaks.shape, NEVER)
    for at, day in enumerate(days.tolist()):
        due = (items.due > day - look_back_days) & (items.due <= day)
        met = due & (items.met <= day)
        last_met = np.full(speaks.shape[1], -NEVER)
        np.maximum.at(last_met, items.student[met], items.due[met])
        missed = due & ~met & counts & (items.due > last_met[items.student])
        np.add.at(number[at], items.student[missed], 1)
        np.minimum.at(since[at], items.student[missed], items.due[missed])
    return Found(speaks & (number >= wanted), speaks, number, since)
