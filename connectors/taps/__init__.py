"""Cards held against the attendance readers of teaching rooms."""
