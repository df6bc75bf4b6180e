"""Benchmarks: this engine beside its peers, on the same topics, in the same run.

Everything is measured from outside: a process of its own for each entrant, its CPU time and memory
read from /proc, its output counted on the topics.
"""
