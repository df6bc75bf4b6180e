"""leap connect: read sources and publish what is new in them."""

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
import yaml

from connectors.account import Account
from connectors.campus_day import campus_day
from connectors.configuration import SourceConfiguration, read_configuration
from connectors.incremental import Block
from ops.commands.options import AsJson, surroundings
from ops.connecting import Connector, DryConnector, LiveConnector, Wanted
from ops.console import ERR, OUT, facts, print_json, progress_bar
from ops.following import Teller, told
from ops.generation import open_generation
from schemas.errors import LeapError, SettingsError, SourceError

CONFIGURATION: Final = Path("connect.yaml")


def connect(
    name: Annotated[
        str | None,
        typer.Argument(help="A source of the configuration, or a type of source such as taps."),
    ] = None,
    files: Annotated[
        list[str] | None, typer.Argument(help="Files to read instead of the configured ones.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Run every source of the configuration.")
    ] = False,
    config: Annotated[
        Path, typer.Option(help="The configuration, YAML: docs/connectors/README.md.")
    ] = CONFIGURATION,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="NAME=VALUE: an option of the source. Repeatable."),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what is added, until interrupted.")
    ] = False,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between looks, following.")] = 10.0,
    complete_through: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The last day of which everything is there. Default: that before the newest"
            " row's.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Read from the beginning; it is harmless.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Read and report, publish nothing, contact nothing but the source."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read what is new in a source, publish it, and account for every row.

    Bad rows go to quarantine with their reasons, and the rest is published. Exit status 1 when the
    account does not add up.
    """
    configured = _configured(config, is_needed=everything)
    if everything == (name is not None):
        raise SettingsError("connect what? Name a source, or say --all")
    chosen = list(configured.values()) if name is None else [_source(configured, name)]
    if files:
        chosen = [source.with_files(files) for source in chosen]
    chosen = [_with_options(source, option or []) for source in chosen]
    last_day = None if complete_through is None else campus_day(complete_through.date())
    wanted = Wanted(is_growing=follow, complete_through=last_day, is_again=again)
    accounts = {source.name: Account() for source in chosen}
    with surroundings() as context, told(context.settings, is_following=follow) as teller:
        connector: Connector = (
            DryConnector(context) if dry_run else LiveConnector(context, open_generation(context))
        )
        problems = _connect(
            connector,
            chosen,
            wanted,
            accounts,
            teller,
            every if follow else None,
            is_alone=not everything,
        )
    _report(connector, accounts, is_single=name is not None, is_dry=dry_run, as_json=as_json)
    if problems:
        raise typer.Exit(max(error.exit_status for error in problems.values()))
    if not all(account.is_reconciled for account in accounts.values()):
        raise typer.Exit(1)


def _connect(
    connector: Connector,
    sources: Sequence[SourceConfiguration],
    wanted: Wanted,
    accounts: Mapping[str, Account],
    teller: Teller,
    every_s: float | None,
    *,
    is_alone: bool,
) -> Mapping[str, LeapError]:
    """Run the sources, once or again and again; what went wrong with whom the last time.

    One that is not alone, or followed, does not end the run of the others.
    """
    problems: dict[str, LeapError] = {}
    for _ in _rounds(every_s):
        for source in sources:
            try:
                account = _run(connector, source, wanted)
                accounts[source.name].add(account)
                teller.read(source, account)
                problems.pop(source.name, None)
            except LeapError as error:
                if is_alone and every_s is None:
                    raise
                if str(error) != str(problems.get(source.name)):
                    ERR.print(f"{source.name}: {error}")
                problems[source.name] = error
                teller.failed(source, str(error))
        wanted = replace(wanted, is_again=False)
    return problems


def _run(connector: Connector, source: SourceConfiguration, wanted: Wanted) -> Account:
    with progress_bar(f"{source.name}: reading", total=None) as bar:

        def read(block: Block, so_far: Account) -> None:
            if block.total:
                text = f"{source.name}: {so_far.read:,} rows"
                bar.set(min(block.done, block.total), total=block.total, text=text)

        return connector.run(source, wanted, read)


def _rounds(every_s: float | None) -> Iterator[None]:
    """Once; or again and again with pauses, until somebody interrupts or ends the process."""
    if every_s is None:
        yield
        return
    stopped = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stopped.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
        while not stopped.wait(every_s):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _configured(path: Path, *, is_needed: bool) -> Mapping[str, SourceConfiguration]:
    if not is_needed and path == CONFIGURATION and not path.exists():
        return {}
    return read_configuration(path)


def _source(configured: Mapping[str, SourceConfiguration], name: str) -> SourceConfiguration:
    """A configured source; or else the type of that name, with its defaults."""
    return configured.get(name) or SourceConfiguration(name, name, {})


def _with_options(source: SourceConfiguration, given: list[str]) -> SourceConfiguration:
    more: dict[str, object] = {}
    for one in given:
        name, is_pair, value = one.partition("=")
        if not is_pair:
            raise SourceError(f"--option {one}: write NAME=VALUE")
        more[name] = yaml.safe_load(value)
    return SourceConfiguration(source.name, source.type, {**source.options, **more})


def _report(
    connector: Connector,
    accounts: Mapping[str, Account],
    *,
    is_single: bool,
    is_dry: bool,
    as_json: bool,
) -> None:
    records = {name: one.as_record(connector.names) for name, one in accounts.items()}
    if as_json:
        if is_single:
            ((name, record),) = records.items()
            print_json({"source": name, "dry_run": is_dry, **record})
        else:
            is_reconciled = all(account.is_reconciled for account in accounts.values())
            print_json({"sources": records, "dry_run": is_dry, "reconciled": is_reconciled})
        return
    for name, record in records.items():
        shown = {key: _shown(value) for key, value in record.items() if key != "students"}
        shown["students"] = len(accounts[name].students)
        OUT.print(facts(f"{name}{' (dry run)' if is_dry else ''}", shown))


def _shown(value: object) -> object:
    """Counts by name, in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {count:,}" for name, count in value.items())
    return value
