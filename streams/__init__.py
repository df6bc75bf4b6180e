"""The Faust worker: the life of a partition, windows, closings, publishing."""
