"""The command line, settings, and the wiring of all parts."""

import os

# Read by numpy when it is imported. With huge pages, a count written into a window of months makes
# 2 MiB of it resident; days without events shall take no memory (`streams.window`).
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
