"""A small web site for browser tests of a media engine: each page is one seat that speaks to the engine."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from signaling.errors import MediaRefused
from signaling.media.port import CallId, DownSlot, MediaEngine, Published, SeatId, Source, TrackId, Wanted
from tests.bots import Ear

PAGE = Path(__file__).parent / "pages" / "media.html"
CALL = CallId("call1")


async def until_true(condition: Callable[[], Awaitable[bool]], within_s: float) -> None:
    """Return as soon as `await condition()` is true, asked a few times a second. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await condition():
            await asyncio.sleep(0.25)


class MediaSite(Ear):
    """One call on an engine, over HTTP. It is the call's listener as well, and admits whoever is named in `admit`."""

    def __init__(self, engine: MediaEngine) -> None:
        super().__init__()
        self.engine = engine
        self.up_offers: list[str] = []
        self.down_answers: list[str] = []
        self.url = ""
        self._waiting: dict[SeatId, asyncio.Queue[tuple[int, str]]] = {}
        self._limits: dict[SeatId, asyncio.Queue[tuple[str, list[str]]]] = {}
        engine.listen(CALL, self)

    async def admit(self, seat: str) -> SeatId:
        self._waiting[SeatId(seat)] = asyncio.Queue()
        self._limits[SeatId(seat)] = asyncio.Queue()
        await self.engine.admit(CALL, SeatId(seat))
        return SeatId(seat)

    async def want(self, seat: str, *tracks: TrackId, height: int = 720) -> None:
        await self.engine.want(CALL, SeatId(seat), [Wanted(track, height, True, 1) for track in tracks])

    def down_offer(self, call: CallId, seat: SeatId, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        super().down_offer(call, seat, neg, sdp, slots)
        if seat in self._waiting:
            self._waiting[seat].put_nowait((neg, sdp))

    def up_limit(
        self,
        call: CallId,
        seat: SeatId,
        mid: str,
        max_bitrate_bps: int,
        max_height: int,
        layers: Sequence[str],
        paused: bool = False,
    ) -> None:
        super().up_limit(call, seat, mid, max_bitrate_bps, max_height, layers, paused)
        if seat in self._limits:
            self._limits[seat].put_nowait((mid, list(layers)))

    def is_offered(self, seat: str, wanted: Collection[TrackId]) -> bool:
        """Whether the newest offer to a seat has all of these; between two connections of a publisher it may not."""
        return set(wanted) <= {slot.track for slot in self._newest_slots(seat)}

    def mid_of(self, seat: str, track: TrackId) -> str:
        """Where the newest offer to a seat puts a track."""
        return next(slot.mid for slot in self._newest_slots(seat) if slot.track == track)

    def _newest_slots(self, seat: str) -> Sequence[DownSlot]:
        return [slots for to, _neg, _sdp, slots in self.offers if to == seat][-1]

    def application(self) -> web.Application:
        application = web.Application()
        application.add_routes(
            [
                web.get("/", self._page),
                web.post("/{seat}/up", self._up),
                web.post("/{seat}/offer", self._offer),
                web.post("/{seat}/answer", self._answer),
                web.post("/{seat}/limit", self._limit),
            ]
        )
        return application

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE)

    async def _up(self, request: web.Request) -> web.Response:
        body = json.loads(await request.text())
        self.up_offers.append(body["sdp"])
        published = [Published(track["mid"], Source(track["source"])) for track in body["tracks"]]
        seat = SeatId(request.match_info["seat"])
        try:
            answer = await self.engine.answer_up(CALL, seat, body["neg"], body["sdp"], published)
            return web.json_response({"sdp": answer})
        except MediaRefused as refused:
            raise web.HTTPBadRequest(text=str(refused)) from refused

    async def _offer(self, request: web.Request) -> web.Response:
        neg, sdp = await self._waiting[SeatId(request.match_info["seat"])].get()
        return web.json_response({"neg": neg, "sdp": sdp})

    async def _limit(self, request: web.Request) -> web.Response:
        mid, layers = await self._limits[SeatId(request.match_info["seat"])].get()
        return web.json_response({"mid": mid, "layers": layers})

    async def _answer(self, request: web.Request) -> web.Response:
        body = json.loads(await request.text())
        self.down_answers.append(body["sdp"])
        try:
            await self.engine.answer_down(CALL, SeatId(request.match_info["seat"]), body["neg"], body["sdp"])
        except MediaRefused as refused:
            raise web.HTTPBadRequest(text=str(refused)) from refused
        return web.json_response({})


@asynccontextmanager
async def media_site(engine: MediaEngine) -> AsyncIterator[MediaSite]:
    """Serve one call of this engine on a port of loopback, which browsers take for a secure place."""
    site = MediaSite(engine)
    server = TestServer(site.application(), host="127.0.0.1")
    await server.start_server()
    site.url = str(server.make_url("/"))
    try:
        yield site
    finally:
        await engine.close_call(CALL)
        await server.close()
