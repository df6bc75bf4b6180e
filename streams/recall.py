"""Step 2 of a partition's life: reads back what was published about it.

For each new partition, all of it at once: the compacted topics to their end, committed records
only; of each key the last one counts.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

import numpy as np
import polars as pl
from aiokafka.structs import TopicPartition
from numpy.typing import NDArray

from broker.clients import ClientConfig
from broker.decoder import Decoded, Decoder
from broker.reader import SliceReader
from schemas import topics
from schemas.topics import Topic
from schemas.types import KINDS, Day
from streams import digests
from streams.alert_records import alerts_in
from streams.circumstances import circumstances_in
from streams.expected import expectations_in
from streams.memory import (
    Memory,
    RememberedAlert,
    RememberedClosings,
    RememberedDaily,
    RememberedIndicators,
)
from streams.periods import periods_in
from streams.records import RECORDS
from streams.sponsorships import sponsorships_in
from streams.states import NOT_ENROLLED, UNKNOWN_STUDENT, States, states_of

REMEMBERED: Final = (
    topics.DAY_CLOSED,
    topics.INDICATOR,
    topics.INDICATOR_DAY,
    topics.DAILY,
    topics.ALERT,
    topics.ALERT_COMPLIANCE,
    *RECORDS,
)
_REAL: Final = ("days", "rate", "points")
_OF_KIND: Final = ("amount", *_REAL, "weight", "due")
_FIRST_CURRENT: Final = 1  # on the wire the statuses begin behind Status.NONE


async def recall(
    client: ClientConfig,
    generation: str,
    decoders: Mapping[Topic, Decoder],
    partitions: Iterable[int],
    *,
    executor: Executor,
    note: Callable[[], None],
) -> tuple[dict[int, Memory], dict[int, dict[str, int]]]:
    """The memory of each partition, and by topic the offset behind the records that were read.

    Decoding runs on the executor: partitions that this process owns already go on meanwhile.
    `note` is called with each slice that was read.
    """
    run = asyncio.get_running_loop().run_in_executor
    by_name = {topic.full_name(generation): topic for topic in REMEMBERED}
    wanted = [TopicPartition(name, p) for p in sorted(partitions) for name in by_name]
    found: dict[int, dict[Topic, list[asyncio.Future[Decoded]]]] = {p.partition: {} for p in wanted}
    async with SliceReader(client) as reader:
        ends = await reader.assign_from_start(wanted)
        async for (name, partition), piece in reader.read_to(ends):
            topic = by_name[name]
            decoding = run(executor, decoders[topic].decode, piece)
            found[partition].setdefault(topic, []).append(decoding)
            note()

    async def remembered(partition: int) -> Memory:
        decoded = {t: await asyncio.gather(*parts) for t, parts in found[partition].items()}
        return await run(executor, memory_of, decoded)

    memories = await asyncio.gather(*map(remembered, found))
    behind: dict[int, dict[str, int]] = {partition: {} for partition in found}
    for (name, partition), end in ends.items():
        if by_name[name] in RECORDS:
            behind[partition][by_name[name].name] = end
    return dict(zip(found, memories, strict=True)), behind


def memory_of(decoded: Mapping[Topic, Sequence[Decoded]]) -> Memory:
    """The memory in decoded slices of one partition, in order of offset."""
    closed = _last(decoded.get(topics.DAY_CLOSED, ()), ["partition"])
    return Memory(
        closed=Day(int(closed["day"][-1])) if closed is not None else None,
        indicators=_indicators(_last(decoded.get(topics.INDICATOR, ()), ["student"])),
        closings=_closings(_last(decoded.get(topics.INDICATOR_DAY, ()), ["student", "day"])),
        daily=_daily(_last(decoded.get(topics.DAILY, ()), ["student", "day"])),
        alerts=_alerts(decoded, topics.ALERT),
        compliance_alerts=_alerts(decoded, topics.ALERT_COMPLIANCE),
        periods=periods_in(decoded.get(topics.STUDENT, ())),
        expectations=expectations_in(decoded.get(topics.EXPECTATION, ())),
        circumstances=circumstances_in(decoded.get(topics.CIRCUMSTANCE, ())),
        sponsorships=sponsorships_in(decoded.get(topics.SPONSORSHIP, ())),
    )


def _alerts(
    decoded: Mapping[Topic, Sequence[Decoded]], topic: Topic
) -> tuple[RememberedAlert, ...]:
    return tuple(alerts_in(_last(decoded.get(topic, ()), ["student", "alert"]), topic))


def _last(decoded: Sequence[Decoded], key: Sequence[str]) -> pl.DataFrame | None:
    """The last record of each key; None when there is no record at all."""
    frames = [part.rows.values for part in decoded if len(part.rows.offsets)]
    if not frames:
        return None
    return pl.concat(frames).unique(subset=key, keep="last", maintain_order=True)


def _indicators(frame: pl.DataFrame | None) -> RememberedIndicators:
    if frame is None:
        return RememberedIndicators()
    states = _states(frame)
    return RememberedIndicators(
        students=frame["student"].to_numpy(),
        states=states,
        sequences=frame["sequence"].to_numpy(),
        versions=frame["version"].to_numpy(),
        digests=_digests(frame, states),
    )


def _closings(frame: pl.DataFrame | None) -> RememberedClosings:
    if frame is None:
        return RememberedClosings()
    states = _states(frame)
    return RememberedClosings(
        students=frame["student"].to_numpy(),
        days=frame["day"].cast(pl.Int64).to_numpy(),
        revisions=frame["revision"].cast(pl.Int64).to_numpy(),
        states=states,
        digests=_digests(frame, states),
    )


def _daily(frame: pl.DataFrame | None) -> RememberedDaily:
    if frame is None:
        return RememberedDaily()
    return RememberedDaily(
        students=frame["student"].to_numpy(),
        days=frame["day"].cast(pl.Int64).to_numpy(),
        revisions=frame["revision"].cast(pl.Int64).to_numpy(),
        counts=np.stack([frame[kind.value].cast(pl.UInt32).to_numpy() for kind in KINDS]),
    )


def _statuses(frame: pl.DataFrame) -> NDArray[np.int64]:
    """Positions in `STATUSES`."""
    return frame["status"].cast(pl.Int64).to_numpy() + _FIRST_CURRENT


def _states(frame: pl.DataFrame) -> States:
    return states_of(_statuses(frame), frame["band"].to_numpy())


def _digests(frame: pl.DataFrame, states: States) -> NDArray[np.uint64]:
    """As `streams.digests`, from what was published, which is exact to hundredths."""
    has_place = np.isin(states, (NOT_ENROLLED, UNKNOWN_STUDENT), invert=True)
    found = digests.of_states(states)
    policies = frame["policy"].to_numpy()
    items = frame["contributions"].list.len().to_numpy()
    for version in np.unique(policies).tolist():
        for count in np.unique(items[policies == version]).tolist():
            at = np.flatnonzero(has_place & (policies == version) & (items == count))
            found[at] = _digests_alike(frame[at], version, count)
    return found


def _digests_alike(frame: pl.DataFrame, version: int, count: int) -> NDArray[np.uint64]:
    """Rows of one policy, with the same number of contributions each."""
    columns = [
        _statuses(frame),
        frame["band"].cast(pl.Int64).to_numpy(),
        _hundredths(frame["score"].fill_null(0.0)),
    ]
    if not count:
        return digests.mixed(version, [*columns, _words(frame["reason"])])
    flat = frame["contributions"].explode().struct.unnest()
    fields = {name: flat[name].to_numpy().reshape(-1, count) for name in _OF_KIND}
    standings = _standings(flat).reshape(-1, count)
    weights, which = np.unique(fields["weight"], axis=0, return_inverse=True)
    words = [digests.weights_word(of_kinds) for of_kinds in weights.tolist()]
    columns.append(np.array(words, np.int64)[which.ravel()])
    for item in range(count):
        hundredths = {n: np.rint(fields[n][:, item] * 100).astype(np.int64) for n in _REAL}
        columns += [
            standings[:, item],
            fields["amount"][:, item],
            digests.with_due(hundredths["days"], fields["due"][:, item]),
            hundredths["rate"],
            hundredths["points"],
        ]
    return digests.mixed(version, columns)


def _words(texts: pl.Series) -> NDArray[np.int64]:
    """As `digests.word_of`, of each."""
    distinct, which = np.unique(texts.to_numpy(), return_inverse=True)
    return np.array([digests.word_of(text) for text in distinct], np.int64)[which]


def _standings(contributions: pl.DataFrame) -> NDArray[np.int64]:
    """As `digests.standing_of`, of each."""
    distinct = contributions.select("counted", "reason").unique()
    words = [digests.standing_of(bool(counted), reason) for counted, reason in distinct.iter_rows()]
    known = distinct.with_columns(word=pl.Series(words, dtype=pl.Int64))
    joined = contributions.join(known, on=["counted", "reason"], how="left", maintain_order="left")
    return joined["word"].to_numpy()


def _hundredths(column: pl.Series) -> NDArray[np.int64]:
    hundredths: NDArray[np.int64] = np.rint(column.to_numpy() * 100).astype(np.int64)
    return hundredths
