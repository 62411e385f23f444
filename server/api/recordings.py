"""Recordings: how far they are, retrying a failed step, and playing them."""

from collections.abc import AsyncIterator
from datetime import datetime

from aiohttp import web

from server.actions import playback, progress, recordings
from server.actions.progress import JobView
from server.actions.recordings import RecordingView
from server.api.adapter import Answer, Body
from server.api.ask import StaffAsk
from server.api.fields import ShortText
from server.domain.errors import Unavailable
from server.domain.ranges import ByteRange, Unsatisfiable, parse_range
from server.storage.sealed_objects import SealedObject
from server.storage.unit_of_work import UnitOfWork

MP4 = "video/mp4"
RANGE_MAX_BYTES = 4 * 1024 * 1024  # a longer range is answered in part; players ask for the rest, and the grant with it


class PlaybackWish(Body):
    """Why one plays it, where the tenant wants to know."""

    reason: ShortText = ""


class PlaybackAnswer(Answer):
    """Where to play it, for oneself and for a short while."""

    token: str
    url: str
    expires_at: datetime


async def read_recording(ask: StaffAsk, uow: UnitOfWork, recording_id: str) -> RecordingView:
    """A recording's state, tracks, gaps and marks. Reading what it holds is written down."""
    return await recordings.read_recording(uow, recording_id, ask.at)


async def retry_recording(ask: StaffAsk, uow: UnitOfWork, recording_id: str) -> RecordingView:
    """Have the failed step done again."""
    return await recordings.retry_processing(uow, recording_id, ask.scope, ask.at)


async def open_playback(ask: StaffAsk, uow: UnitOfWork, recording_id: str, body: PlaybackWish) -> PlaybackAnswer:
    """Open it for playing; one line in the audit trail."""
    secret, grant = await playback.grant_playback(
        uow, recording_id, body.reason, ask.scope, ask.services.new_secret, ask.at, ask.origin
    )
    return PlaybackAnswer(token=secret, url=f"/api/playback/{secret}", expires_at=grant.expires_at)


async def play(ask: StaffAsk, token: str) -> web.StreamResponse:
    """The playable file (MP4), by ranges; each range asks again whether one still may."""
    services = ask.services
    async with services.database.read(ask.scope) as uow:
        opened = await playback.open_playback(uow, token, ask.scope, services.keys, services.files, ask.at)
    try:
        wanted = parse_range(ask.http.headers.get("Range"), opened.size_bytes, RANGE_MAX_BYTES)
    except Unsatisfiable:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{opened.size_bytes}", **_HEADERS})
    return await _stream(ask.http, opened, wanted)


async def read_job(ask: StaffAsk, uow: UnitOfWork, job_id: str) -> JobView:
    """How far a job is."""
    return await progress.read_job(uow, job_id)


_HEADERS = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


async def _stream(request: web.Request, opened: SealedObject, wanted: ByteRange | None) -> web.StreamResponse:
    sent = wanted or ByteRange(0, opened.size_bytes)
    response = web.StreamResponse(status=206 if wanted else 200, headers=_HEADERS)
    response.content_type = MP4
    response.content_length = sent.end - sent.start
    if wanted:
        response.headers["Content-Range"] = f"bytes {sent.start}-{sent.end - 1}/{opened.size_bytes}"
    pieces: AsyncIterator[bytes] = opened.read(sent.start, sent.end)
    # The first piece before the headers: what cannot be opened is an error, not half a success.
    first = await anext(pieces, b"")
    await response.prepare(request)
    await response.write(first)
    try:
        async for piece in pieces:
            await response.write(piece)
    except Unavailable:  # too late for a problem document: the connection ends before the promised length
        response.force_close()
        return response
    await response.write_eof()
    return response
