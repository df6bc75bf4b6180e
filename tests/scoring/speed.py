"""How long closing a day takes: `python -m tests.scoring.speed --students 1000000`.

The default policy for a million students, with everything in use: a calendar, records of enrolment,
excused days, a silent feed, coursework due (some of it late), part-time students, overrides and
students who are not scored. Students come in chunks, as in partitions, so that memory stays small.
Prints seconds of wall and processor time, without what it takes to make the students up.
"""

import argparse
import time
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, Kind, Mode
from scoring.kernel import evaluate
from scoring.kind_policy import Measure
from scoring.late import LateItems
from scoring.panel import Panel
from scoring.policy import Policy, parse_policy
from scoring.profile import Profile
from scoring.resolution import group

CHUNK = 125_000
FIRST_DAY = Day(20_000)
PROFILES = (
    Profile("undergraduate", Mode.FULL_TIME, "history", "enrolled"),
    Profile("postgraduate", Mode.FULL_TIME, "physics", "enrolled"),
    Profile("undergraduate", Mode.PART_TIME, "history", "enrolled"),
    Profile("research", Mode.FULL_TIME, "history", "enrolled"),
    Profile("undergraduate", Mode.FULL_TIME, "physics", "interrupted"),
)
SHARES = (0.7, 0.1, 0.15, 0.03, 0.02)
OVERRIDE = """
  - where: {level: [postgraduate]}
    reason: taught in blocks
    kinds:
      tap_in: {weight: 2}
      moodle_course: {window_days: 28}
"""


def policy() -> Policy:
    text = files("scoring").joinpath("policies/default.yaml").read_text()
    return parse_policy(text.replace("overrides:\n", "overrides:" + OVERRIDE))


def share_of(random: np.random.Generator, share: float, students: int) -> NDArray[np.bool_]:
    return random.random(students) < share


def panel(rules: Policy, students: int, random: np.random.Generator) -> Panel:
    days = rules.look_back_days + 1
    day = np.arange(days)[:, np.newaxis]
    calendar = np.where((day >= 20) & (day < 34), 0, 100)  # a vacation of two weeks

    enrolled = np.ones((days, students), np.bool_)
    enrolled &= ~((day < 40) & share_of(random, 0.03, students))
    silent = ~((day >= 50) & (day < 53))  # three days without a feed
    excused = (day >= 45) & (day < 52) & share_of(random, 0.05, students)
    for_taps = excused | ((day >= 60) & share_of(random, 0.02, students))

    counts, due, met, late = {}, {}, {}, {}
    for kind, rule in rules.kinds.items():
        if rule.measure is Measure.SHARE:
            due[kind] = np.zeros((days, students), np.uint8)
            due[kind][10::20] = 1
            met[kind] = due[kind] * share_of(random, 0.7, students)
            who = np.flatnonzero(share_of(random, 0.1, students) & (met[kind][10] == 0))
            late[kind] = LateItems(
                who, np.full(len(who), FIRST_DAY + 10), FIRST_DAY + 11 + who % 60
            )
        else:
            counts[kind] = random.poisson(0.5, (days, students)).astype(np.uint32)
    lacking = enrolled & silent
    return Panel(
        FIRST_DAY,
        counts,
        calendar,
        counted={kind: lacking if kind is Kind.TAP_IN else enrolled for kind in rules.kinds},
        excused={kind: for_taps if kind is Kind.TAP_IN else excused for kind in rules.kinds},
        due=due,
        met=met,
        late=late,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    rules, random = policy(), np.random.default_rng(1)
    complete = np.array([FIRST_DAY + rules.look_back_days - 1])
    wall, cpu, scored = np.zeros(given.repeat), np.zeros(given.repeat), 0
    for first in range(0, given.students, CHUNK):
        students = min(CHUNK, given.students - first)
        days = panel(rules, students, random)
        places = random.choice(len(PROFILES), (1, students), p=SHARES)
        for turn in range(given.repeat):
            began = time.perf_counter(), time.process_time()
            scores = evaluate(
                rules,
                days,
                complete=complete,
                as_of=complete + 1,
                seen=complete,
                groups=group(rules, PROFILES, places),
            )
            wall[turn] += time.perf_counter() - began[0]
            cpu[turn] += time.process_time() - began[1]
        scored += int((scores.band > 0).sum())
    print(
        f"{given.students:,} students, {len(rules.kinds)} kinds, {scored:,} scored: "
        f"{np.median(wall):.2f} s, processor {np.median(cpu):.2f} s (median of {given.repeat}; "
        f"least {wall.min():.2f} s)"
    )


if __name__ == "__main__":
    main()
