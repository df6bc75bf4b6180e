"""leap quarantine: look at what could not be accepted, and settle it."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from broker.publisher import KafkaPublisher
from broker.records import RAW_LIMIT_BYTES
from connectors.quarantine import Entry, Outcome, Settler, open_entries
from connectors.records import Destination, Encoder
from ops.clocks import now_ms
from ops.commands.options import AsJson, surroundings
from ops.console import ERR, OUT, facts, print_json, table
from ops.context import Context
from ops.generation import Generation, open_generation
from ops.reference import read_entries, read_people, read_settled
from schemas.errors import SettingsError
from schemas.reasons import Reason

app = typer.Typer(no_args_is_help=True, help="What could not be accepted: list, replay, drop.")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Entries, by their ids.")]
ByReason = Annotated[str | None, typer.Option("--reason", help="Entries with this reason.")]
ByFeed = Annotated[str | None, typer.Option("--feed", help="Entries of this feed.")]

_SHOWN_ROWS: Final = 100


@app.command("list")
def list_entries(
    reason: ByReason = None,
    feed: ByFeed = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries to show.")] = _SHOWN_ROWS,
    as_json: AsJson = False,
) -> None:
    """List what is in quarantine, the oldest first, and how much there is of what."""
    with surroundings() as context:
        found = _chosen(_open(open_generation(context)), None, reason, feed)
    counts = Counter((entry.feed, entry.reason) for entry in found.values())
    by = [{"feed": f, "reason": r, "entries": n} for (f, r), n in sorted(counts.items())]
    some = list(found.items())[:limit]
    if as_json:
        entries = [_record(name, entry) for name, entry in some]
        print_json({"total": len(found), "counts": by, "entries": entries})
        return
    rows = [
        [name, entry.feed, entry.reason, entry.origin, entry.times, entry.message]
        for name, entry in some
    ]
    OUT.print(table("quarantine", ["id", "feed", "reason", "origin", "times", "message"], rows))
    OUT.print(
        table(
            f"{len(found)} entries",
            ["feed", "reason", "entries"],
            [list(one.values()) for one in by],
        )
    )


@app.command()
def show(entry: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """Show one entry whole, with its bytes."""
    with surroundings() as context:
        found = _chosen(_open(open_generation(context)), [entry], None, None)[entry]
    record = _record(entry, found)
    record["raw"] = None if found.raw is None else found.raw.decode(errors="backslashreplace")
    record["raw_hex"] = None if found.raw is None else found.raw.hex()
    record["key_hex"] = None if found.key is None else found.key.hex()
    if as_json:
        print_json(record)
    else:
        OUT.print(facts("quarantined", record))


@app.command()
def replay(
    ids: Ids = None, reason: ByReason = None, feed: ByFeed = None, as_json: AsJson = False
) -> None:
    """Publish what can be accepted by now.

    Without a choice, the activities whose people were unknown. Records of topics are published
    again when they are chosen by id or reason. Rows are corrected at their source and read again.
    """
    if not ids and reason is None:
        reason = Reason.UNKNOWN_IDENTITY.value
    with surroundings() as context:
        generation = open_generation(context)
        chosen = _chosen(_open(generation), ids, reason, feed)
        settler = _settler(context, generation)
        outcomes = Counter(str(settler.replay(name, entry)) for name, entry in chosen.items())
        settler.settle()
    _report({"chosen": len(chosen), **dict(sorted(outcomes.items()))}, as_json)


@app.command()
def drop(
    ids: Ids = None, reason: ByReason = None, feed: ByFeed = None, as_json: AsJson = False
) -> None:
    """Settle entries without publishing them; they are not listed again."""
    if not ids and reason is None and feed is None:
        raise SettingsError("drop what? Name entries, --reason or --feed")
    with surroundings() as context:
        generation = open_generation(context)
        chosen = _chosen(_open(generation), ids, reason, feed)
        settler = _settler(context, generation)
        for name in chosen:
            settler.drop(name)
        settler.settle()
    _report({"chosen": len(chosen), Outcome.DROPPED.value: len(chosen)}, as_json)


def _open(generation: Generation) -> dict[str, Entry]:
    return open_entries(read_entries(generation), read_settled(generation))


def _chosen(
    entries: Mapping[str, Entry], ids: list[str] | None, reason: str | None, feed: str | None
) -> dict[str, Entry]:
    if reason is not None and reason not in set(Reason):
        raise SettingsError(f"--reason {reason} is none; the reasons are {', '.join(Reason)}")
    for name in ids or []:
        if name not in entries:
            raise SettingsError(
                f"there is no open entry {name}: `leap quarantine list` shows those that there are"
            )
    return {
        name: entry
        for name, entry in entries.items()
        if (not ids or name in ids)
        and reason in (None, entry.reason)
        and feed in (None, entry.feed)
    }


def _settler(context: Context, generation: Generation) -> Settler:
    to = Destination(generation.name, generation.partitions, generation.schema_ids)
    return Settler(
        KafkaPublisher(generation.client, say=ERR.print),
        to,
        Encoder(to, context.site_key),
        read_people(context, generation),
        now_ms(),
        RAW_LIMIT_BYTES,
    )


def _record(name: str, entry: Entry) -> dict[str, object]:
    return {
        "id": name,
        "feed": entry.feed,
        "reason": entry.reason,
        "message": entry.message,
        "origin": entry.origin,
        "topic": entry.topic,
        "first_seen": datetime.fromtimestamp(entry.first_seen / 1000, UTC).isoformat(),
        "times": entry.times,
        "raw": None if entry.raw is None else entry.raw[:200].decode(errors="backslashreplace"),
    }


def _report(record: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(record)
    else:
        OUT.print(facts("quarantine", record))
