"""Entrants that run in an environment of their own (requirements.lock), each a process."""
