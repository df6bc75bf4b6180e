"""Entrants that run in the product's own environment, each a process: `python -m ... TASK`."""
