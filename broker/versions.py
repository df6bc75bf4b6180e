"""Refuses a library whose inside the transport replaces, in a version it was not tested with."""

from packaging.version import Version

from schemas.errors import LeapError


def check_version(name: str, installed: str, tested: str) -> None:
    """Raise LeapError unless `installed` is of the series `tested`, such as 0.14."""
    version = Version(installed)
    if f"{version.major}.{version.minor}" != tested:
        raise LeapError(
            f"{name} {installed} is installed, and the block transport was tested with {tested}:"
            " install the versions of requirements.lock"
        )
