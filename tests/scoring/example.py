"""A small policy of two kinds, both counted, as text and as a policy."""

from pathlib import Path
from typing import Final

from scoring.policy import Policy, parse_policy

EXAMPLE_TEXT: Final = (Path(__file__).parent / "example.yaml").read_text()
EXAMPLE: Final[Policy] = parse_policy(EXAMPLE_TEXT, origin="example.yaml")
