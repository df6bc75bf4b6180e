import asyncio
from pathlib import Path

import pytest

from deploy.local.detached import PROJECT

SCRIPT = PROJECT / "deploy" / "local" / "java-parts"


def run(folder: Path, path: Path) -> tuple[int, str]:
    """Run the script with nothing on its PATH but `path` and the system's own tools."""

    async def output() -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            *(str(SCRIPT), str(folder)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": str(path)},
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    return asyncio.run(output())


def tools(folder: Path, **scripts: str) -> Path:
    """Return a folder with the tools the script needs, and with programs that do as told."""
    folder.mkdir()
    for name in ("sed", "head", "mkdir", "rm", "mv"):
        (folder / name).symlink_to(next(p / name for p in BINS if (p / name).exists()))
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


BINS = (Path("/usr/bin"), Path("/bin"))
JAVA_17 = """echo 'openjdk version "17.0.15" 2025-04-15' >&2"""
JAVA_8 = """echo 'java version "1.8.0_202"' >&2"""
# Stands in for Maven: does what the last line of a successful run would have done.
FETCH = 'for a; do case "$a" in -Dparts=*) d="${a#-Dparts=}";; esac; done; '


@pytest.mark.parametrize("java", [None, JAVA_8, "exit 1"])
def test_without_a_jdk_one_sentence_says_what_to_install(tmp_path: Path, java: str | None) -> None:
    scripts = {} if java is None else {"java": java}
    status, said = run(tmp_path / "parts", tools(tmp_path / "bin", **scripts))
    assert status == 1
    assert said.startswith("leap's local stack needs a JDK 17 or later: install one")
    assert said.count("\n") == 1
    assert not (tmp_path / "parts").exists()


def test_without_maven_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    status, said = run(tmp_path / "parts", tools(tmp_path / "bin", java=JAVA_17))
    assert status == 1
    assert said.startswith("leap's local stack needs Maven")
    assert said.count("\n") == 1


def test_a_fetch_that_fails_leaves_nothing_that_looks_complete(tmp_path: Path) -> None:
    fails = FETCH + 'mkdir "$d/kafka"; echo "from central (https://host)"; exit 1'
    status, said = run(tmp_path / "parts", tools(tmp_path / "bin", java=JAVA_17, mvn=fails))
    assert status == 1
    assert said.startswith("Maven could not fetch")
    assert "host" not in said
    assert [path.name for path in (tmp_path / "parts").iterdir()] == ["maven.log"]


def test_a_fetch_that_works_replaces_what_was_there(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    (parts / "kafka").mkdir(parents=True)
    (parts / "kafka" / "old.jar").touch()
    (parts / ".partial.1").mkdir()
    works = FETCH + 'mkdir "$d/kafka" "$d/registry"; echo jar > "$d/kafka/new.jar"'
    assert run(parts, tools(tmp_path / "bin", java=JAVA_17, mvn=works)) == (0, "")
    assert {path.name for path in parts.iterdir()} == {"kafka", "registry", "complete"}
    assert [path.name for path in (parts / "kafka").iterdir()] == ["new.jar"]
