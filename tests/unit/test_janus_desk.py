"""Which rooms on Janus are ended because nobody wants them, and which never are."""

import asyncio
from typing import cast

import pytest

from signaling.errors import Code, Unavailable
from signaling.media.janus.client import Handle, Json
from signaling.media.janus.desk import Desk


class Rooms:
    """The handle of a Janus that keeps rooms; while `silent` it does what it is asked and says nothing of it."""

    def __init__(self) -> None:
        self.rooms: dict[int, str] = {}
        self.silent = False
        self.answering = asyncio.Event()
        self.answering.set()

    def on_event(self, event: Json) -> None:
        """Replaced by the desk."""

    async def ask(self, request: str, room: int = 0, description: str = "", **_: object) -> tuple[Json, Json]:
        if request == "create":
            self.rooms[room] = description
            await self.answering.wait()
        if self.silent:
            raise Unavailable(Code.BUSY)
        if request == "destroy":
            del self.rooms[room]
        return {"list": [{"room": room, "description": said} for room, said in self.rooms.items()]}, {}


@pytest.fixture
def janus() -> Rooms:
    return Rooms()


@pytest.fixture
def desk(janus: Rooms) -> Desk:
    return Desk(cast(Handle, janus), "node-0", "secret")


async def test_a_room_that_is_being_made_is_not_swept_away(janus: Rooms, desk: Desk) -> None:
    janus.answering.clear()
    making = asyncio.create_task(desk.create_room())
    while not janus.rooms:
        await asyncio.sleep(0)
    await desk.sweep()
    janus.answering.set()
    assert list(janus.rooms) == [await making]


async def test_a_room_whose_beginning_or_end_was_not_answered_is_swept_away_and_no_other(
    janus: Rooms, desk: Desk
) -> None:
    janus.rooms[7] = "of somebody else"
    kept, ended = await desk.create_room(), await desk.create_room()
    await desk.sweep()
    assert not desk.unsure
    janus.silent = True
    with pytest.raises(Unavailable):
        await desk.create_room()
    with pytest.raises(Unavailable):
        await desk.destroy_room(ended)
    with pytest.raises(Unavailable):
        await desk.sweep()
    assert desk.unsure
    janus.silent = False
    await desk.sweep()
    assert set(janus.rooms) == {7, kept}
    assert not desk.unsure
