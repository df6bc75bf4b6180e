"""`python -m ops` is `leap`."""

from ops.cli import main

main()
