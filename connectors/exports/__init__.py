"""Exports of systems that need no reader of their own: one row, one activity."""
