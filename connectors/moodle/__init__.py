"""Moodle: its standard log, out of exports or polled from the database, and its log report."""
