"""The command line with all of its commands, as tests call it in their own process."""

from ops.cli import COMMANDS, app_with

app = app_with(COMMANDS)
