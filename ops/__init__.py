"""The command line, settings, and the wiring of all parts."""

import os

# Read by numpy when it is imported. With huge pages, a count written into a window of months makes
# 2 MiB of it resident; days without events shall take no memory (`streams.window`).
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
# Read by the heap of polars (jemalloc) when it is imported. With an arena for each of its threads a
# worker takes 50 to 75 MB more, and no less time (M).
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:100,muzzy_decay_ms:0")
