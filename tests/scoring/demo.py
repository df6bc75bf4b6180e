"""The demonstration's policy, as text and as a policy."""

from importlib.resources import files
from typing import Final

from scoring.policy import Policy, parse_policy

DEMO_TEXT: Final = files("scoring").joinpath("policies/demo.yaml").read_text()
DEMO: Final[Policy] = parse_policy(DEMO_TEXT, origin="demo.yaml")
