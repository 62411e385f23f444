"""A client's event: a protocol error that repeats nothing, or a request that is the same when it is read again."""

import json

from signaling import limited_json
from signaling.errors import ProtocolError
from signaling.messages.table import REQUESTS, parse_request
from tests.fuzz.inputs import bounded_time

EVENTS = sorted(REQUESTS)
EXAMPLES = {
    "up.offer": {"neg": 1, "sdp": "v=0", "tracks": [{"mid": "0", "source": "mic"}]},
    "down.want": {"rev": 1, "tracks": [{"track": "s.mic", "max_height": 0, "visible": True, "priority": 1}]},
    "chat.send": {"id": "a" * 32, "to": "all", "text": " \u202e<b>1\u1112\u1161\u11ab\u0007</b>\n"},
    "next_step.add": {"id": "a" * 32, "text": "x", "due": "2026-12-01"},
    "consent.answer": {"item": "sound", "answer": "later", "text_version": "v1", "lang": "ko"},
    "media.reset": {"pc": "up"},
}


def seeds() -> list[bytes]:
    """An event's number, then its data."""
    return [bytes([EVENTS.index(event)]) + json.dumps(data).encode() for event, data in EXAMPLES.items()]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    try:
        value = limited_json.loads(data[1:])
    except limited_json.JsonRefused:
        return
    event = EVENTS[data[0] % len(EVENTS)]
    with bounded_time():
        try:
            request = parse_request(event, value)
        except ProtocolError as error:
            assert len(error.message) < 2_000
            return
    said = request.model_dump(mode="json")
    assert parse_request(event, said) == request, "what was made clean is clean"
