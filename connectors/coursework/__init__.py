"""FASER, or any coursework system: what was handed in, what was looked at, what is due."""
