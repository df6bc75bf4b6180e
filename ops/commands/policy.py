"""leap policy: check and publish scoring policies; `policy_*.py` beside it: the other verbs."""

from pathlib import Path
from typing import Annotated

import typer

from ops.commands import policy_diff, policy_show, policy_tune
from ops.commands.options import AsJson, context_of_settings
from ops.console import OUT, facts, print_json
from ops.documents import text_of
from ops.generation import open_generation, publish_policy
from scoring.policy import parse_policy

app = typer.Typer(no_args_is_help=True, help="Check, publish, compare and tune scoring policies.")
app.command()(policy_show.show)
app.command()(policy_diff.diff)
app.command()(policy_tune.tune)

PolicyFile = Annotated[Path, typer.Argument(help="A policy, as YAML.")]


@app.command()
def check(file: PolicyFile, as_json: AsJson = False) -> None:
    """Say whether a policy file is valid, and every way in which it is not."""
    policy = parse_policy(text_of(file), origin=str(file))
    record = {
        "version": policy.version,
        "valid_from": policy.valid_from.isoformat(),
        "title": policy.title,
        "kinds": ", ".join(policy.kinds),
        "alerts": ", ".join(rule.name for rule in policy.alerts),
        "compliance": ", ".join(rule.name for rule in policy.compliance.rules),
    }
    if as_json:
        print_json(record)
    else:
        OUT.print(facts(f"{file} is valid", record))
        if policy.compliance.rules:
            OUT.print(
                "\nIts compliance rules are about students whom `leap sponsorship` names, and no"
                " others."
            )


@app.command()
def publish(file: PolicyFile, as_json: AsJson = False) -> None:
    """Publish a policy. A version is never edited: what changes gets the next number."""
    document = text_of(file)
    parse_policy(document, origin=str(file))  # before anything is contacted
    version = publish_policy(open_generation(context_of_settings()), document, origin=str(file))
    if as_json:
        print_json({"version": version})
    else:
        OUT.print(f"version {version} is published")
