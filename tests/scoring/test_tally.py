"""Sums over windows are what adding up their counted days one by one gives, on every path."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.tally import tally

MOST = 2**32 - 1
DAYS = st.integers(1, 20) | st.sampled_from([254, 255, 256, 257, 300, 366])


@given(
    seed=st.integers(0, 2**32),
    days=DAYS,
    windows=st.integers(1, 12),
    alike=st.booleans(),
    counted_alike=st.booleans(),
    distinct=st.booleans(),
    activity=st.sampled_from([0.3, 1.0]),
)
@settings(max_examples=300)
def test_a_window_holds_what_its_counted_days_hold(
    seed: int,
    days: int,
    windows: int,
    alike: bool,
    counted_alike: bool,
    distinct: bool,
    activity: float,
) -> None:
    random = np.random.default_rng(seed)
    students = int(random.integers(1, 4))
    is_active = random.random((days, students)) < activity
    cells = (random.integers(0, MOST, (days, students), endpoint=True) * is_active).astype(
        np.uint32
    )
    columns = 1 if alike else students
    counted = random.random((days, 1 if counted_alike and alike else columns)) < 0.9
    counted |= random.random() < 0.5
    stop = random.integers(0, days + 1, (windows, 1))
    start = random.integers(0, days + 1, (windows, columns))
    start[0], stop[0] = 0, days
    found = tally(cells, counted, start, stop, distinct=distinct)
    assert found.dtype == np.int64
    for window in range(windows):
        for student in range(students):
            own = student if columns > 1 else 0
            rows = range(int(start[window, own]), int(stop[window, 0]))
            held = [
                int(cells[row, student]) for row in rows if counted[row, own % counted.shape[1]]
            ]
            wanted = sum(count > 0 for count in held) if distinct else sum(held)
            assert found[window, student] == wanted
