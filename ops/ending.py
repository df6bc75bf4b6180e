"""How a worker ends: with a sentence and a status, and not a moment later."""

import asyncio
import os
import sys
import traceback
from collections.abc import Coroutine
from typing import Any, NoReturn

from schemas.errors import LeapError


def run_and_exit(serving: Coroutine[Any, Any, None]) -> NoReturn:
    """Run until `serving` is done, say what it raised, and end this process.

    Everything that has to be in order is so when `serving` is done. What is left are tasks and
    threads of libraries; the interpreter would wait for them, and after a crash some never end. A
    process that holds its instance id and does nothing is worse than one that is gone.
    """
    status = 0
    try:
        asyncio.new_event_loop().run_until_complete(serving)
    except LeapError as error:
        print(f"leap: {error}", file=sys.stderr)
        status = error.exit_status
    except Exception:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
