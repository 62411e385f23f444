"""Log lines: one JSON object each, with the call and the seat they are about, and never a secret."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from server.observability import REDACTED, redact
from signaling.call.inputs import Tick
from signaling.runner.lane import MediaLane
from tests.logs import lines_of, log_of
from tests.waiting import until


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What this process writes, as one that is called `node`."""
    with log_of("node") as written:
        yield written


def test_a_line_is_one_object_with_process_level_and_time(log: io.StringIO) -> None:
    structlog.get_logger().warning("room_refused", node="node-1", call="c1")
    logging.getLogger("signaling.node").error("%s은 열 수 없습니다", "방", extra={"call": "c1"})
    ours, library = lines_of(log)
    assert (ours["event"], ours["node"], ours["call"]) == ("room_refused", "node-1", "c1")
    assert (library["event"], library["call"]) == ("방은 열 수 없습니다", "c1")
    for line, level in ((ours, "warning"), (library, "error")):
        assert (line["process"], line["level"]) == ("node", level)
        assert line["timestamp"].endswith("Z")


def test_a_traceback_stays_within_its_line(log: io.StringIO) -> None:
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        logging.getLogger("signaling").exception("call failed on %s", Tick.__name__, extra={"call": "c1", "seat": "s1"})
    (line,) = lines_of(log)
    assert (line["call"], line["seat"]) == ("c1", "s1")
    assert "ValueError: broken" in line["exception"]


async def test_a_failing_step_of_a_seats_media_names_call_and_seat(log: io.StringIO) -> None:
    async def step() -> None:
        raise OSError("no engine")

    MediaLane("c1", "s1").put(step)
    await until(lambda: log.getvalue())
    assert [(line["call"], line["seat"], line["event"]) for line in lines_of(log)] == [
        ("c1", "s1", "media step failed")
    ]


@pytest.mark.parametrize(
    "name", ["password", "link_secret", "resume_token", "ticket", "Cookie", "Authorization", "data_key", "api_key"]
)
def test_a_field_that_speaks_of_a_secret_is_never_written(log: io.StringIO, name: str) -> None:
    structlog.get_logger().warning("signed_in", **{name: "hunter2", "person": "p1"})
    (line,) = lines_of(log)
    assert (line[name], line["person"]) == (REDACTED, "p1")
    assert "hunter2" not in log.getvalue()


def test_redacting_leaves_everything_else_as_it_is() -> None:
    said = {"event": "link_down", "node": "node-0", "reason": "secret_refused", "call": "c1"}
    assert redact(None, "warning", dict(said)) == said
