"""leap settings: every setting, its value here, and what it means."""

from ops.commands.options import AsJson
from ops.console import OUT, print_json, table
from ops.settings import PREFIX, Settings, load_settings


def settings(as_json: AsJson = False) -> None:
    """List every setting: the environment variable, its value here, and what it means."""
    values = load_settings()
    rows = [
        [PREFIX + name.upper(), str(getattr(values, name)), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        print_json({name: value for name, value, _ in rows})
    else:
        OUT.print(table("settings", ["variable", "value", "meaning"], rows))
