"""`leap demo`: real activity, through real parts, held against an oracle.

1. A generation of its own is made, with a replay clock and the demo's policy; what a former demo
   left is removed.
2. The data is published, with a mark behind each campus day.
3. A worker runs over it until every day is closed; then a sink, until all of it is in ClickHouse.
4. Every closing is compared with the oracle, and all counts have to add up.

With `rerun`, the generation of the last demo stays: everything is published once more to a worker
that runs, and nothing that is published may move.
"""

import dataclasses
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from connectors.oulad.files import shipped
from connectors.report import Report
from ops.commands.publish import publish_oulad
from ops.console import progress_bar
from ops.context import Context
from ops.demo import oracle, tidy, verify
from ops.demo.ends import output_ends
from ops.demo.outcomes import last_bands, outcomes
from ops.demo.processes import RunningProcess
from ops.demo.report import DemoReport
from ops.demo.waiting import Worked, events_in, wait_for_sink, wait_for_worker
from ops.generation import marked_days, open_generation, publish_policy
from schemas.errors import LeapError
from schemas.types import Clock
from scoring.policy import parse_policy
from sinks.clickhouse import connect
from sinks.queries import Queries

POLICY: Final = files("scoring") / "policies" / "demo.yaml"
_FATES: Final = ("applied", "duplicate", "too_late", "quarantined")


class Demo:
    """One run over one generation."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._folder = shipped()
        self._generation = open_generation(context)
        publish_policy(self._generation, POLICY.read_text(), origin="demo.yaml")

    def run(self) -> DemoReport:
        """The demonstration."""
        published = publish_oulad(self._context, self._generation, self._folder)
        with self._start("worker") as worker:
            worked = self._work(worker)
        self._load()
        return self._report(published, worked, problems=[])

    def rerun(self) -> DemoReport:
        """Everything once more, to a worker that runs."""
        with self._start("worker") as worker:
            self._work(worker)
            ends_before, answers_before = output_ends(self._generation), self._answers()
            before = events_in(worker.status() or {})
            published = publish_oulad(self._context, self._generation, self._folder)
            worked = self._work(worker)
        self._load()
        problems = [
            f"the end of {name} moved by {end - ends_before[name]:,}"
            for name, end in output_ends(self._generation).items()
            if end != ends_before[name]
        ]
        if self._answers() != answers_before:
            problems.append("ClickHouse answers otherwise than before")
        events = {name: count - before.get(name, 0) for name, count in worked.events.items()}
        worked = dataclasses.replace(worked, events=events)
        recognised = events.get("duplicate", 0) + events.get("too_late", 0)
        if recognised != published.events_read:
            problems.append(
                f"{recognised:,} events recognised, {published.events_read:,} published again"
            )
        return self._report(published, worked, problems)

    def _start(self, name: str) -> RunningProcess:
        return RunningProcess.start(
            name,
            environment={"LEAP_GENERATION": self._generation.name},
            logs=self._context.settings.folder / "logs",
        )

    def _work(self, worker: RunningProcess) -> Worked:
        """Wait until everything is applied, closed and committed."""
        last_day = max(day for _, day in marked_days(self._generation))
        return wait_for_worker(worker, self._generation, last_day)

    def _load(self) -> None:
        """Run a sink until everything published is in ClickHouse."""
        with self._start("sink") as sink:
            wait_for_sink(sink, self._generation)

    def _queries(self) -> Queries:
        address = self._context.clickhouse
        return Queries(connect(address), address)

    def _answers(self) -> object:
        """What ClickHouse says, as one value that can be compared."""
        queries = self._queries()
        return (queries.row_counts(), queries.band_counts(), verify.published_closings(queries))

    def _report(self, published: Report, worked: Worked, problems: list[str]) -> DemoReport:
        """The figures, and everything that does not add up."""
        queries, events = self._queries(), worked.events
        closings = verify.published_closings(queries)
        verdict = self._compare(closings)
        rows = queries.row_counts()
        counted = sum(events.get(name, 0) for name in _FATES)
        if not published.is_reconciled:
            problems.append("rows read are not rows published and rows in quarantine")
        if counted != published.events_read:
            problems.append(
                f"{published.events_read:,} events were published, and {counted:,} are accounted"
                " for by the worker"
            )
        if rows["event"] != published.events_read:
            problems.append(
                f"ClickHouse holds {rows['event']:,} events of {published.events_read:,}"
            )
        if verdict.differing:
            problems.append(f"{verdict.differing:,} closings differ from the oracle's")
        breaks = queries.changes_chain_breaks()
        if breaks:
            problems.append(f"the chain of changes is broken in {breaks} places")
        return DemoReport(
            generation=self._generation.name,
            rows_read=published.rows_read,
            rows_quarantined=sum(published.quarantined.values()),
            events_read=published.events_read,
            events_published=sum(published.published.values()),
            events_applied=events.get("applied", 0),
            duplicates=events.get("duplicate", 0),
            too_late=events.get("too_late", 0),
            quarantined=events.get("quarantined", 0),
            students=rows["student"],
            bands=last_bands(closings),
            indicators=queries.band_counts(),
            changes=rows["indicator_change"],
            closings=rows["indicator_day"],
            clickhouse_rows=rows,
            events_per_second=published.events_read / worked.seconds if worked.seconds else 0.0,
            seconds=worked.seconds,
            oracle_equal=verdict.differing == 0,
            oracle_compared=verdict.compared,
            oracle_differences=verdict.examples,
            chain_breaks=breaks,
            output_end_offsets=output_ends(self._generation),
            outcomes=outcomes(self._folder, self._context.site_key, closings),
            example_students=queries.students(),
            problems=problems,
        )

    def _compare(self, closings: Mapping[verify.Key, verify.Plain]) -> verify.Verdict:
        last_day = max(day for _, day in marked_days(self._generation))
        truth = oracle.closings(
            self._folder,
            parse_policy(POLICY.read_text(), origin="demo.yaml"),
            site_key=self._context.site_key.secret,
            last_day=last_day,
        )
        with progress_bar("oracle: computing every closing again", total=len(closings)) as bar:
            verdict = verify.compare(closings, truth, progress=bar.set)
            bar.set(verdict.compared)
        return verdict


def demo(context: Context, *, rerun: bool) -> DemoReport:
    """Run a demonstration in a generation of its own, or the last one's again."""
    if rerun:
        name = tidy.last_demo(context)
        if name is None:
            raise LeapError("there is no demo to run again: `leap demo` makes one")
        return Demo(context.with_generation(name)).rerun()
    name = tidy.make_way(context)
    return Demo(context.with_generation(name, clock=Clock.REPLAY)).run()
