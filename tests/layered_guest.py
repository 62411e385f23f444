"""A guest without a browser, who comes through the whole product: link, rules, ticket, lobby, room.

Shows a camera of three layers, as browsers send it in a call of more than four cameras, beside a microphone that is
silent. Of the layers only those are sent that the server names, and each begins anew when it asks for a key frame.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from math import pi, sin
from typing import Any

import aiohttp
import socketio
from av import VideoFrame

from recordings.packetise import SILENCE_DBOV, RtpStream
from recordings.picture import silhouette, write_rows
from recordings.synthetic import encode_vp8
from signaling.media.port import Published, Source, Wanted
from signaling.media.sfu import rtcp
from tests.bots import VP8, Bot, Sent
from tests.layered_bot import RIDS, layered_section, named_layer

SIZES = ((160, 90), (320, 180), (640, 360))
RATES_BPS = (44_000, 133_000, 400_000)
FPS, MOVIE_S = 15, 8
GRAIN = 12  # shades: enough that each layer takes what it may
QUIET_S = 0.4  # from packet to packet of a microphone that is silent
ANSWERED_WITHIN_S = 30
COMES_WITHIN_S = 60


@cache
def movies() -> Sequence[Sequence[bytes]]:
    """The same eight seconds of somebody who sways, in each size; the first frame alone is a key frame."""
    count = FPS * MOVIE_S
    return [
        list(encode_vp8(_grainy(*size, count), *size, FPS, rate_bps, MOVIE_S))
        for size, rate_bps in zip(SIZES, RATES_BPS, strict=True)
    ]


def _grainy(width: int, height: int, count: int) -> Iterator[VideoFrame]:
    """A drawing is too easy to encode; a camera's picture has grain."""
    grain = random.Random(width).randbytes(2 * width * height).translate(bytes(v * GRAIN // 256 for v in range(256)))
    for number in range(count):
        frame = silhouette(width, height, sin(2 * pi * number / count), (120, 132))
        plane, line = bytes(frame.planes[0]), frame.planes[0].line_size
        at = random.Random(number).randrange(width * height)
        pixels = (_sum(plane[y * line :][:width], grain[at + y * width :][:width]) for y in range(height))
        write_rows(frame, 0, pixels)
        yield frame


def _sum(row: bytes, grain: bytes) -> bytes:
    """Byte by byte; no sum is over 255."""
    return (int.from_bytes(row) + int.from_bytes(grain)).to_bytes(len(row))


class Layer:
    """One size of the camera: sent from its beginning when it is named, and when a key frame is asked for."""

    def __init__(self, number: int) -> None:
        self.rid = RIDS[number]
        self.stream = RtpStream(0x6000_0000 + random.getrandbits(28), VP8)
        self.sent = False
        self._frames = movies()[number]
        self._next = 0

    def name(self, layers: Collection[str]) -> None:
        """These are to be sent."""
        if self.sent != (self.rid in layers):
            self.sent, self._next = not self.sent, 0

    def begin_anew(self, ssrcs: Collection[int]) -> None:
        """Key frames of these streams are asked for."""
        if self.stream.ssrc in ssrcs:
            self._next = 0

    def packets(self, rtp_time: int) -> list[bytes]:
        """The next frame, if any."""
        if not self.sent:
            return []
        frame, self._next = self._frames[self._next], (self._next + 1) % len(self._frames)
        return self.stream.vp8(frame, rtp_time)


class SocketDoor:
    """A bot's messages as a browser sends them. `layers` are those that the server wants of the camera."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(ssl_verify=False, reconnection=False, handle_sigint=False)
        self.client.on("connect_error", self._on_refusal, namespace="/call")
        self.client.on("state", self._on_state, namespace="/call")
        self.client.on("up.limit", self._on_limit, namespace="/call")
        self.let_in = asyncio.Event()
        self.layers: Sequence[str] = RIDS
        self._refusal: Any = None

    async def open(self, url: str, ticket: Callable[[], Awaitable[str]]) -> None:
        """Into the lobby; again and again while the room is not open yet, as browsers try."""
        try:
            async with asyncio.timeout(COMES_WITHIN_S):
                while not self.client.connected:
                    await self._try(url, await ticket())
        except TimeoutError:
            raise RuntimeError(f"a guest does not get into the lobby: {self._refusal}") from None

    async def _try(self, url: str, ticket: str) -> None:
        with contextlib.suppress(socketio.exceptions.ConnectionError):
            await self.client.connect(
                url, auth={"ticket": ticket}, namespaces=["/call"], transports=["websocket"], wait_timeout=10
            )

    async def answer_up(self, neg: int, sdp: str, published: Sequence[Published]) -> str:
        tracks = [{"mid": track.mid, "source": track.source.value} for track in published]
        reply = await self.client.call(
            "up.offer", {"neg": neg, "sdp": sdp, "tracks": tracks}, namespace="/call", timeout=ANSWERED_WITHIN_S
        )
        if not reply["ok"]:
            raise RuntimeError(f"the offer of a guest is refused: {reply['error']}")
        return str(reply["sdp"])

    async def want(self, wanted: Collection[Wanted]) -> None:
        """It looks at nobody."""

    async def answer_down(self, neg: int, sdp: str) -> None:
        """It is offered nothing."""

    async def close(self) -> None:
        await self.client.disconnect()
        await self.client.shutdown()

    async def _on_refusal(self, problem: Any) -> None:
        self._refusal = problem

    async def _on_state(self, state: dict[str, Any]) -> None:
        if state["seats"]:  # who still waits sees nobody
            self.let_in.set()

    async def _on_limit(self, limit: dict[str, Any]) -> None:
        if limit["layers"] or limit["paused"]:  # else it is the microphone's
            self.layers = () if limit["paused"] else limit["layers"]


class LayeredGuest(Bot):
    """One seat; `play` shows its camera until it is cancelled."""

    def __init__(self, door: SocketDoor) -> None:
        super().__init__(door)
        self.socket = door
        self.layers = [Layer(number) for number in range(len(RIDS))]

    async def play(self) -> None:
        """As soon as it is let in, and as long as nobody cancels it."""
        await self.socket.let_in.wait()
        await self.publish(Source.MIC, Source.CAMERA)
        loop, mid = asyncio.get_running_loop(), self.sent[Source.CAMERA].mid
        began_s, quiet_s = loop.time(), 0.0
        while True:
            passed_s = loop.time() - began_s
            for packet, rid in self._frame(round(passed_s * 90_000)):
                self.up.send_rtp(named_layer(packet, mid, rid))
            if passed_s >= quiet_s:
                quiet_s = passed_s + QUIET_S
                self.sent[Source.MIC].rtp_time = round(passed_s * 48_000)
                self.say(SILENCE_DBOV)
            await asyncio.sleep(1 / FPS)

    def _frame(self, rtp_time: int) -> Iterator[tuple[bytes, str]]:
        asked, self.up.rtcp = self.up.rtcp, []
        said = [message for compound in asked for message in rtcp.parse(compound)]
        ssrcs = {message.ssrc for message in said if isinstance(message, rtcp.KeyFrameRequest)}
        for layer in self.layers:
            layer.name(self.socket.layers)
            layer.begin_anew(ssrcs)
            yield from ((packet, layer.rid) for packet in layer.packets(rtp_time))

    def _section(self, sent: Sent, direction: str) -> str:
        text = super()._section(sent, direction)
        return layered_section(text) if sent.source is Source.CAMERA else text


@asynccontextmanager
async def layered_guest(url: str, link: str, name: str) -> AsyncIterator[LayeredGuest]:
    """Somebody of this name who opens their link, waits to be let in, and shows their camera as soon as they are."""
    door = SocketDoor()
    visit = Visit(url)
    await visit.begin(link.partition("#")[2], name)
    await door.open(url, visit.ticket)
    guest = LayeredGuest(door)
    playing = asyncio.create_task(guest.play())
    try:
        yield guest
    finally:
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        await guest.close()
        await door.close()


class Visit:
    """What the pages of a small group ask on the way from a link's secret to the lobby."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._token = ""

    async def begin(self, secret: str, name: str) -> None:
        """Open the link and accept the rules under this name."""
        self._token = (await self._ask("/api/join", {"secret": secret}))["visit"]
        await self._ask("/api/visit/rules", {"accepted": True, "display_name": name})

    async def ticket(self) -> str:
        """For one attempt to come in."""
        return str((await self._ask("/api/visit/ticket"))["ticket"])

    async def _ask(self, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"Origin": self._url} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        connector = aiohttp.TCPConnector(ssl=False)  # the certificates are the tests' own
        async with (
            aiohttp.ClientSession(self._url, connector=connector, raise_for_status=True) as session,
            session.post(path, json=body, headers=headers) as answer,
        ):
            return dict(await answer.json())
