"""The site of the operator's tests: a stack, and `leap` run as a process."""

from tests.ops.conftest import site

__all__ = ["site"]
