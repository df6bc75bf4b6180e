"""One sentence and an exit status for what an operator can act on; a traceback for nothing else."""

import sys
from collections.abc import Callable
from typing import Final

import click

from schemas.errors import LeapError

INTERRUPTED: Final = 130  # 128 + SIGINT, as shells say it


def run_reporting_errors(run: Callable[[], int | None]) -> int:
    """What `run` returns as exit status; errors become a sentence on stderr."""
    try:
        return run() or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Abort:
        return INTERRUPTED
    except LeapError as error:
        print(f"leap: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("leap: interrupted", file=sys.stderr)
        return INTERRUPTED
