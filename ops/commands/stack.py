"""leap up, down, status: the local stack."""

from dataclasses import asdict

from ops.commands.options import AsJson, context_of_settings
from ops.console import ERR, OUT, facts, print_json, table
from ops.context import Context


def up(as_json: AsJson = False) -> None:
    """Start Kafka, the schema registry and ClickHouse on this machine, and wait until they answer.

    Does nothing where all three are named in the settings, or run already.
    """
    context = context_of_settings()
    addresses = start(context)
    if as_json:
        print_json(addresses)
    else:
        OUT.print(facts("the stack is up", addresses))


def start(context: Context) -> dict[str, object]:
    """Start what is needed; the addresses of everything."""
    if context.needs_stack:
        with ERR.status("starting the local stack") as status:
            context.stack.up(progress=status.update)
    clickhouse = context.clickhouse
    return {
        "kafka": context.client.bootstrap,
        "registry": context.registry_url,
        "clickhouse": f"http://{clickhouse.host}:{clickhouse.port}",
        "clickhouse_user": clickhouse.user,
    }


def down(as_json: AsJson = False) -> None:
    """Stop the local stack; its data stays. Stops nothing that `leap up` did not start."""
    stopped = context_of_settings().stack.down()
    if as_json:
        print_json({"stopped": stopped})
    else:
        OUT.print("the stack is stopped" if stopped else "the stack was not running")


def status(as_json: AsJson = False) -> None:
    """Say which parts of the local stack run and answer."""
    parts = [asdict(part) for part in context_of_settings().stack.status()]
    if as_json:
        print_json({"parts": parts})
    else:
        OUT.print(table("local stack", list(parts[0]), [list(part.values()) for part in parts]))
