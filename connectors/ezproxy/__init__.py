"""EZproxy, the door to what a library subscribes to: its access log."""
