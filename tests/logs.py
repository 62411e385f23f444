"""What a process writes to its log, kept to be read."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from server.observability import set_up_logs


@contextmanager
def log_of(process: str) -> Iterator[io.StringIO]:
    """The log of this process, as one of that name, until the block ends."""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    set_up_logs(process, to=written)
    try:
        yield written
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


def lines_of(log: io.StringIO) -> list[dict[str, Any]]:
    """Each line, which is one JSON object."""
    return [json.loads(line) for line in log.getvalue().splitlines()]
