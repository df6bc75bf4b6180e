"""The command line, settings, and the wiring of all parts."""
