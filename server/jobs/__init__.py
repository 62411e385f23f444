"""Work that happens later: the job registry, the worker and the clock."""
