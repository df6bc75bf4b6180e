"""What is kept of the records that tell what was published: narrow columns, slice by slice.

A closing names the contributions of ten kinds, a daily row their counts; of all that a digest is
remembered. So a slice is made small as soon as it is decoded, and a partition's history never
stands decoded in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas import topics
from schemas.topics import Topic
from schemas.types import KINDS
from streams import digests
from streams.memory import RememberedClosings, RememberedDaily, RememberedIndicators
from streams.states import NOT_ENROLLED, UNKNOWN_STUDENT, States, states_of

_REAL: Final = ("days", "rate", "points")
_OF_KIND: Final = ("amount", *_REAL, "weight", "due")
_FIRST_CURRENT: Final = 1  # on the wire the statuses begin behind Status.NONE


def narrowed(topic: Topic, values: pl.DataFrame) -> pl.DataFrame:
    """The columns that are remembered of decoded records, row by row."""
    narrow = _NARROW.get(topic)
    return values if narrow is None else narrow(values)


def last_of(frames: Sequence[pl.DataFrame], key: Sequence[str]) -> pl.DataFrame | None:
    """The last record of each key; None when there is no record at all."""
    some = [frame for frame in frames if len(frame)]
    if not some:
        return None
    return pl.concat(some).unique(subset=key, keep="last", maintain_order=True)


def indicators_of(frames: Sequence[pl.DataFrame]) -> RememberedIndicators:
    """Of narrowed records, in order of offset; so the next two."""
    frame = last_of(frames, ["student"])
    if frame is None:
        return RememberedIndicators()
    return RememberedIndicators(
        students=frame["student"].to_numpy(),
        states=frame["state"].to_numpy(),
        sequences=frame["sequence"].to_numpy(),
        versions=frame["version"].to_numpy(),
        digests=frame["digest"].to_numpy(),
    )


def closings_of(frames: Sequence[pl.DataFrame]) -> RememberedClosings:
    """One entry a student and day."""
    frame = last_of(frames, ["student", "day"])
    if frame is None:
        return RememberedClosings()
    return RememberedClosings(
        students=frame["student"].to_numpy(),
        days=frame["day"].cast(pl.Int64).to_numpy(),
        revisions=frame["revision"].cast(pl.Int64).to_numpy(),
        states=frame["state"].to_numpy(),
        digests=frame["digest"].to_numpy(),
    )


def daily_of(frames: Sequence[pl.DataFrame]) -> RememberedDaily:
    """One entry a student and day."""
    frame = last_of(frames, ["student", "day"])
    if frame is None:
        return RememberedDaily()
    return RememberedDaily(
        students=frame["student"].to_numpy(),
        days=frame["day"].cast(pl.Int64).to_numpy(),
        revisions=frame["revision"].cast(pl.Int64).to_numpy(),
        digests=frame["digest"].to_numpy(),
    )


def _indicators(values: pl.DataFrame) -> pl.DataFrame:
    return _with_digests(values, ["sequence", "version"])


def _closings(values: pl.DataFrame) -> pl.DataFrame:
    return _with_digests(values, ["day", "revision"])


def _with_digests(values: pl.DataFrame, kept: Sequence[str]) -> pl.DataFrame:
    states = _states(values)
    return values.select("student", *kept).with_columns(
        state=pl.Series(states), digest=pl.Series(_digests(values, states))
    )


def _daily(values: pl.DataFrame) -> pl.DataFrame:
    counts = [values[kind.value].cast(pl.UInt32).to_numpy() for kind in KINDS]
    digest = pl.Series(digests.of_counts(counts))
    return values.select("student", "day", "revision").with_columns(digest=digest)


_NARROW: Final[Mapping[Topic, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    topics.INDICATOR: _indicators,
    topics.INDICATOR_DAY: _closings,
    topics.DAILY: _daily,
}


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
