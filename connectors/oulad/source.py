"""The dataset as a source: its clicks and its coursework, day by day.

The dataset knows of an activity only the day: it is taken to have happened, and to have been
recorded, at noon by the clocks of the campus.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from connectors.campus_day import moment
from connectors.identity import SiteKey, pseudonyms
from connectors.oulad import clicks as vle
from connectors.oulad import coursework
from connectors.oulad.clicks import Clicks, read_clicks
from connectors.oulad.coursework import (
    Assessments,
    Submissions,
    read_assessments,
    read_submissions,
)
from connectors.oulad.presentations import Presentations, read_presentations
from connectors.oulad.registrations import Registrations, read_registrations
from connectors.source import ActivityBatch, ActivityDay, Expectation, Item, Student
from schemas.columns import Coded
from schemas.types import Day, Kind, StudentId

SCHEME: Final = "oulad"
_NOON: Final = 12
_MIDNIGHT: Final = 0


@dataclass(frozen=True, slots=True)
class OuladSource:
    """A folder with the dataset's CSV files, whole or of some modules. Keeps to `Source`.

    A student's periods must not overlap, so of two modules at once the later one is rejected.
    """

    folder: Traversable
    site_key: SiteKey
    zone: ZoneInfo

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        """Clicks and coursework."""
        return {vle.FEED: (Kind.MOODLE_COURSE,), coursework.FEED: (Kind.FASER_UPLOAD,)}

    def read(self) -> Iterator[Item]:
        """Everything the dataset knows, in the order that `Source` promises."""
        presentations = read_presentations(self.folder)
        registrations = read_registrations(self.folder, presentations)
        assessments = read_assessments(self.folder, presentations)
        submissions = read_submissions(self.folder, assessments)
        clicks = read_clicks(self.folder, presentations)
        reading = _Reading(self, presentations, registrations, assessments, submissions, clicks)
        yield from reading.people()
        for table in (presentations, registrations, assessments, submissions, clicks):
            yield from table.table.rejected
        yield presentations.table.account()
        yield registrations.table.account(left_out=registrations.left_out)
        yield assessments.table.account()
        yield submissions.table.account(left_out=submissions.banked, events=len(submissions.day))
        yield clicks.table.account(events=int(clicks.clicks.sum()))
        yield from reading.days()


class _Reading:
    """What was read, turned into items."""

    def __init__(
        self,
        source: OuladSource,
        presentations: Presentations,
        registrations: Registrations,
        assessments: Assessments,
        submissions: Submissions,
        clicks: Clicks,
    ) -> None:
        self._zone = source.zone
        self._registrations = registrations
        self._assessments = assessments
        self._submissions = submissions
        self._clicks = clicks
        self._modules = [one.module for one in presentations.all]
        self._codes = [one.code for one in presentations.all]
        self._names = [one.name for one in presentations.all]
        self._module_of = np.array(
            [presentations.all.index(one.presentation) for one in assessments.all], np.int64
        )
        self._carried_over = set(zip(*submissions.carried_over.tolist(), strict=True))
        registered = np.fromiter(registrations.enrolments, np.int64)
        self._numbers = np.unique(np.concatenate([registered, submissions.student, clicks.student]))
        self._pseudonyms = pseudonyms(
            source.site_key, SCHEME, [str(number) for number in self._numbers]
        )

    def people(self) -> Iterator[Student | Expectation]:
        """Students, each followed by what is expected of the student.

        What was carried over from an earlier presentation is expected of nobody once more.
        """
        for number, enrolments in self._registrations.enrolments.items():
            student = StudentId(int(self._pseudonyms_of(np.array([number]))[0]))
            start = self._registrations.first_presentation[number].start
            known_since = enrolments[0].first if enrolments else start
            periods = tuple(one.period for one in enrolments)
            yield Student(student, moment(known_since, _MIDNIGHT, self._zone), periods)
            for enrolment in enrolments:
                of, first, last = enrolment.presentation, enrolment.first, enrolment.last
                recorded_at = moment(of.start, _MIDNIGHT, self._zone)
                for place, item in enumerate(self._assessments.all):
                    if (
                        item.presentation is of
                        and item.due is not None
                        and first <= item.due <= last
                        and (place, number) not in self._carried_over
                    ):
                        yield Expectation(
                            student,
                            item.number,
                            Kind.FASER_UPLOAD,
                            of.name,
                            item.due,
                            recorded_at,
                        )

    def days(self) -> Iterator[ActivityDay]:
        """All days from the first to the last of the activity and of the periods."""
        spans = [one for all_ in self._registrations.enrolments.values() for one in all_]
        ends: list[int] = [day for one in spans for day in (one.first, one.last)]
        ends += [int(days[i]) for days in self._active_days() if len(days) for i in (0, -1)]
        if not ends:
            return
        days = np.arange(min(ends), max(ends) + 2)
        clicks, submissions = (np.searchsorted(active, days) for active in self._active_days())
        for i, day in enumerate(days[:-1].tolist()):
            noon = moment(Day(day), _NOON, self._zone)
            batches: list[ActivityBatch] = []
            if clicks[i] < clicks[i + 1]:
                batches.append(self._click_batch(slice(clicks[i], clicks[i + 1]), noon))
            if submissions[i] < submissions[i + 1]:
                rows = slice(submissions[i], submissions[i + 1])
                batches.append(self._submission_batch(rows, noon))
            yield ActivityDay(Day(day), batches)

    def _active_days(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._clicks.day, self._submissions.day

    def _pseudonyms_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._pseudonyms[np.searchsorted(self._numbers, numbers)]

    def _click_batch(self, rows: slice, noon: int) -> ActivityBatch:
        """One event a click; those of one student, page and day are numbered from 0."""
        counts = self._clicks.clicks[rows]
        row = np.repeat(np.arange(rows.start, rows.stop), counts)
        number = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        presentation = self._clicks.presentation[row]
        student = self._clicks.student[row]
        sites, site_code = np.unique(self._clicks.site[rows], return_inverse=True)
        at_noon = np.full(len(row), noon, np.int64)
        return ActivityBatch(
            Kind.MOODLE_COURSE,
            vle.FEED,
            self._pseudonyms_of(student),
            at_noon,
            at_noon,
            (
                "vle",
                Coded(presentation, self._modules),
                Coded(presentation, self._codes),
                student,
                self._clicks.site[row],
                self._clicks.date[row],
                number,
            ),
            {
                "module": Coded(presentation, self._names),
                "object": Coded(np.repeat(site_code, counts), [str(one) for one in sites]),
            },
        )

    def _submission_batch(self, rows: slice, noon: int) -> ActivityBatch:
        assessment = self._submissions.assessment[rows]
        student = self._submissions.student[rows]
        numbers = [one.number for one in self._assessments.all]
        at_noon = np.full(len(student), noon, np.int64)
        return ActivityBatch(
            Kind.FASER_UPLOAD,
            coursework.FEED,
            self._pseudonyms_of(student),
            at_noon,
            at_noon,
            ("assessment", Coded(assessment, numbers), student, self._submissions.date[rows]),
            {
                "module": Coded(self._module_of[assessment], self._names),
                "assignment": Coded(assessment, numbers),
            },
        )
