from pathlib import Path

import pytest

from deploy.local.detached import PROJECT


@pytest.fixture(scope="session")
def java_parts() -> Path:
    folder = PROJECT / ".java"
    if not (folder / "complete").exists():
        pytest.fail("The jars of the local stack are not there: run make setup.")
    return folder
