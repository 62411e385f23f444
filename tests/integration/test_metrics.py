"""What a real node says of its media on `/metrics`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from recordings.synthetic import picture
from signaling.media.port import SeatId, Source, track_id
from signaling.media.sfu.rtcp import KeyFrameRequest, parse
from tests.bots import Bot
from tests.real_node import PlayedWeb, RealNode, admitted, everybody, played_web, real_node, until_figure
from tests.waiting import until

HOST_CAMERA, HOST_MIC = (track_id(SeatId("host"), source) for source in (Source.CAMERA, Source.MIC))


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RealNode]:
    async with real_node(tmp_path / "node") as node:
        yield node


@pytest.fixture
async def web(node: RealNode) -> AsyncIterator[PlayedWeb]:
    async with played_web(node) as web:
        yield web


async def watching(web: PlayedWeb) -> tuple[Bot, Bot]:
    """A host who shows a picture, and a guest who sees it."""
    await web.open("c1", everybody(1))
    host = await web.enter("c1", "host")
    guest = await admitted(web, "c1", "g0")
    await host.publish(Source.MIC, Source.CAMERA)
    await guest.want(HOST_CAMERA)
    await until(lambda: any(isinstance(said, KeyFrameRequest) for packet in host.up.rtcp for said in parse(packet)))
    (key_frame,) = picture(0.1, 320, 180, 10, seed=1)

    def seen() -> bool:
        host.show(key_frame)
        return guest.heard[HOST_CAMERA] > 0

    await until(seen)
    return host, guest


async def test_what_passes_a_node_is_counted(node: RealNode, web: PlayedWeb) -> None:
    _host, guest = await watching(web)
    newest = int.from_bytes(guest.received[HOST_CAMERA][-1][2:4])
    guest.nack(HOST_CAMERA, newest)
    await until(lambda: guest.resent)
    wanted = ["packets_received", "packets_sent", "bytes_received", "bytes_sent", "checks_answered", "retransmissions"]
    await until_figure(node, {("ieum_pictures", "0"): 1, ("ieum_lines_lossy_ratio",): 0})
    figures = await until_figure(node, {(f"ieum_media_{name}_total",): 1 for name in [*wanted, "key_frame_requests"]})
    for way in ("received", "sent"):
        packets, octets = (figures[f"ieum_media_{what}_{way}_total",] for what in ("packets", "bytes"))
        assert 12 * packets < octets < 1500 * packets


async def test_each_seat_is_told_with_what_it_sends_and_gets(node: RealNode, web: PlayedWeb) -> None:
    host, _guest = await watching(web)
    (key_frame,) = picture(0.1, 320, 180, 10, seed=1)
    seats: dict[str, dict[str, Any]] = {}
    async with asyncio.timeout(60):
        while [each["layer"] for each in seats.get("g0", {}).get("receives", [])] != [0]:
            host.show(key_frame)  # a layer of which nothing has come for a moment is not there
            seats = {one["seat"]: one for one in await node.seats()}
    sent = {one["track"]: one for one in seats["host"]["sends"]}[HOST_CAMERA]
    assert (sent["layer"], sent["height"]) == (0, 180)
    (received,) = seats["g0"]["receives"]
    assert (received["track"], received["layer"], received["paused"]) == (HOST_CAMERA, 0, False)
    assert {one["call"] for one in seats.values()} == {"c1"}


async def test_what_a_node_drops_is_counted_by_reason(node: RealNode, web: PlayedWeb) -> None:
    host, _guest = await watching(web)
    host.up.send(b"\x80" + bytes(40))
    host.up.send(b"\xff" + bytes(40))
    await until_figure(
        node,
        {
            ("ieum_media_drops_total", "srtp_refused"): 1,
            ("ieum_media_drops_total", "unknown_protocol"): 1,
        },
    )


async def test_losses_on_the_way_in_are_counted_as_repairs(node: RealNode, web: PlayedWeb) -> None:
    host, _guest = await watching(web)
    frames = picture(1, 640, 360, 15, seed=2)
    for number, frame in enumerate(frames):
        host.show(frame, lose=[0] if number == 3 else [])
    await until_figure(node, {("ieum_media_repairs_requested_total",): 1})
