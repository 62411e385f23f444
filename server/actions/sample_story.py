"""The sample counselling that is over: its journal, and a real recording of made-up people with a gap and a withdrawal.

Everything goes the way of a real call: packets through a recorder into encrypted parts, facts through every projection;
the work process makes the playable file. Times are relative to the start of the appointment.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from recordings.packetise import RtpStream
from recordings.recorder import SpoolRecorder, SpoolRecorders
from recordings.synthetic import picture, tone
from recordings.track_spool import SpoolSettings
from server.actions.record_facts import Fact
from server.storage.files import FileStore
from signaling.media.port import CallId, SeatId, Source, Track, TrackId, track_id
from signaling.media.recorders import DataKey

RECORDED_AT = timedelta(minutes=20)
KILLED_S, BACK_S, WITHDRAWN_S, STOPPED_S = 9, 11, 16, 24  # of the recorded stretch
ENDED_AT = timedelta(minutes=28)
FPS, WIDTH, HEIGHT = 15, 480, 270
_LOOP_S = 2
_NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970
_HELD_BYTES = 64 * 1024 * 1024  # everything is handed over at once, not at the pace of a call


@dataclass(frozen=True, kw_only=True)
class StoryOf:
    """Who plays in it: a call, its recording of the same id, and two seats."""

    call: str
    host: str
    seeker: str
    starts_at: datetime
    agenda: Sequence[str]  # ids, at least three
    text_version: str  # of the consent text both were shown

    @property
    def recorded_from(self) -> datetime:
        """When the recorded stretch begins."""
        return self.starts_at + RECORDED_AT

    def tracks(self, *, after_withdrawal: bool = False) -> list[TrackId]:
        """What may be written: everything of both; without the seeker's picture once it was withdrawn."""
        everything = [track_id(SeatId(seat), source) for seat in (self.host, self.seeker) for source in _SOURCES]
        withdrawn = track_id(SeatId(self.seeker), Source.CAMERA)
        return [track for track in everything if not (after_withdrawal and track == withdrawn)]


_SOURCES = (Source.MIC, Source.CAMERA)


def attended(call: str, seats: Sequence[str], host: str, starts_at: datetime, ended_at: datetime) -> list[Fact]:
    """The journal of a call in which everybody was there from start to end."""
    numbers = count(1)

    def fact(at: datetime, kind: str, **body: Any) -> Fact:
        return Fact(call_id=call, epoch=1, run=1, seq=next(numbers), at=at, kind=kind, body=body)

    return [
        fact(starts_at, "call_opened"),
        *(fact(starts_at, "presence", seat=seat, state="connected", cause="admitted") for seat in seats),
        *(fact(ended_at, "presence", seat=seat, state="left", cause="call_ended") for seat in seats),
        fact(ended_at, "call_ended", by=host, cause="host"),
    ]


def journal(story: StoryOf, parts: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """The facts of the recorded counselling, in order."""
    numbers = count(1)
    facts = [
        Fact(call_id=story.call, epoch=1, run=run, seq=next(numbers), at=at, kind=kind, body=body)
        for run, at, kind, body in sorted(_told(story), key=lambda row: (row[0], row[1]))
    ]
    ended_at = story.starts_at + ENDED_AT
    last = [("part_stored", {"recording": story.call, "part": dict(part)}) for part in parts]
    last += [("recording_sealed", {"recording": story.call}), ("call_ended", {"by": story.host, "cause": "host"})]
    return facts + [
        Fact(call_id=story.call, epoch=1, run=2, seq=next(numbers), at=ended_at, kind=kind, body=body)
        for kind, body in last
    ]


def _told(story: StoryOf) -> Iterator[tuple[int, datetime, str, dict[str, Any]]]:
    """Run of the node, time, kind and body of everything but the end."""
    both, host, seeker = (story.host, story.seeker), story.host, story.seeker

    def after(minutes: float) -> datetime:
        return story.starts_at + timedelta(minutes=minutes)

    def in_recording(seconds: float) -> datetime:
        return story.recorded_from + timedelta(seconds=seconds)

    def consent(at: datetime, seat: str, item: str, answer: str, where: str) -> tuple[datetime, str, dict[str, Any]]:
        body = {"seat": seat, "item": item, "answer": answer, "text_version": story.text_version, "lang": "ko"}
        return at, "consent_answered", {**body, "by": seat, "where": where}

    yield 1, after(-2), "call_opened", {}
    for seat in both:
        yield 1, after(0), "presence", {"seat": seat, "state": "connected", "cause": "admitted"}
        for item in ("sound", "picture"):
            yield 1, *consent(after(0), seat, item, "granted", "page")
    for at, item in zip((after(2), after(11), in_recording(3)), story.agenda, strict=False):
        yield 1, at, "agenda_marked", {"item": item, "state": "asked", "by": host}
    chat = {"id": "sample-chat", "seat": seeker, "to": "all", "text": "자격증 시험은 다음 달 둘째 주입니다."}
    yield 1, after(9), "chat_said", chat
    yield 1, after(9.2), "chat_marked", {"id": "sample-chat", "by": host, "marked": True}
    yield 1, in_recording(0), "recording_requested", {"by": host}
    yield 1, in_recording(0), "recording_started", {"recording": story.call, "tracks": story.tracks()}
    yield 1, in_recording(8), "bookmarked", {"id": "sample-mark", "by": host, "text": "이력서에 적을 경험"}
    for seat in both:
        yield 2, in_recording(BACK_S), "presence", {"seat": seat, "state": "connected", "cause": "resumed"}
    gap = {"from": in_recording(KILLED_S).isoformat(), "to": in_recording(BACK_S).isoformat()}
    yield 2, in_recording(BACK_S), "recording_gap", {"recording": story.call, "cause": "node_restarted", **gap}
    yield 2, *consent(in_recording(WITHDRAWN_S), seeker, "picture", "withdrawn", "call")
    remaining = story.tracks(after_withdrawal=True)
    yield 2, in_recording(WITHDRAWN_S), "recording_changed", {"recording": story.call, "tracks": remaining}
    stopped = {"recording": story.call, "by": host, "cause": "host"}
    yield 2, in_recording(STOPPED_S), "recording_stopped", stopped
    step = {"id": "sample-step", "by": host, "text": "이력서 초안을 고쳐 오기", "due": None}
    yield 2, after(26), "next_step_added", step
    for seat in both:
        yield 2, story.starts_at + ENDED_AT, "presence", {"seat": seat, "state": "left", "cause": "call_ended"}


@dataclass
class _Told:
    """Keeps what the recorder tells of stored parts."""

    parts: list[dict[str, object]] = field(default_factory=list)

    def part_stored(self, recording: str, part: dict[str, object]) -> None:
        self.parts.append(part)

    def recording_failed(self, recording: str, code: str) -> None:
        raise OSError(f"the sample could not be recorded: {code}")


@dataclass(frozen=True)
class _Look:
    """What one person shows and sounds like: frames that loop, made once."""

    number: int
    pictures: Sequence[bytes]
    sounds: Sequence[bytes]  # speech for a while, then silence


def _look(number: int) -> _Look:
    sounds = [*tone(_LOOP_S, 220 + 80 * number), *tone(_LOOP_S, 0)]
    return _Look(number, picture(_LOOP_S, WIDTH, HEIGHT, FPS, seed=number), sounds)


async def record(
    story: StoryOf, keys: Callable[[int], Sequence[DataKey]], files: FileStore, spool: Path
) -> list[dict[str, object]]:
    """Let a real recorder write the stretch in two runs, as a node that was killed in between; the parts it stored."""
    settings = SpoolSettings(spool, held_bytes=_HELD_BYTES, reserve_bytes=0, refuse_below_bytes=0, stop_below_bytes=0)
    told = _Told()
    looks = await asyncio.to_thread(lambda: [_look(number) for number in range(2)])
    async with SpoolRecorders(settings, files, lambda _track: None) as recorders:
        for run, start_s, end_s in ((1, 0, KILLED_S), (2, BACK_S, STOPPED_S)):
            recorder = recorders(CallId(story.call), story.call, 1, run, keys(4), told)
            recorder.write_only(story.tracks())
            for look, seat in zip(looks, (story.host, story.seeker), strict=True):
                shown_until_s = min(end_s, WITHDRAWN_S) if seat == story.seeker else end_s
                _speak(story, recorder, SeatId(seat), look, start_s, end_s)
                _show(story, recorder, SeatId(seat), look, start_s, shown_until_s)
            await recorder.close()
    return told.parts


def _show(story: StoryOf, recorder: SpoolRecorder, seat: SeatId, look: _Look, start_s: int, end_s: int) -> None:
    stream, track = RtpStream(100 + look.number, 96), _track(story, seat, Source.CAMERA)
    for number in range((end_s - start_s) * FPS):
        at_s = start_s + number / FPS
        for packet in stream.vp8(look.pictures[number % len(look.pictures)], round(at_s * 90_000)):
            recorder.on_packet(track, packet, _wall_ns(story, at_s))
        if number % FPS == 1:
            recorder.on_sender_report(track, _ntp(story, at_s), round(at_s * 90_000), _wall_ns(story, at_s))


def _speak(story: StoryOf, recorder: SpoolRecorder, seat: SeatId, look: _Look, start_s: int, end_s: int) -> None:
    stream, track = RtpStream(200 + look.number, 111), _track(story, seat, Source.MIC)
    for number in range((end_s - start_s) * 50):
        at_s = start_s + number / 50
        turn = number + look.number * _LOOP_S * 50  # one speaks while the other is silent
        packet = stream.opus(look.sounds[turn % len(look.sounds)], round(at_s * 48_000))
        recorder.on_packet(track, packet, _wall_ns(story, at_s))
        if number % 50 == 1:
            recorder.on_sender_report(track, _ntp(story, at_s), round(at_s * 48_000), _wall_ns(story, at_s))


def _track(story: StoryOf, seat: SeatId, source: Source) -> Track:
    return Track(track_id(seat, source), CallId(story.call), seat, source)


def _wall_ns(story: StoryOf, at_s: float) -> int:
    return round((story.recorded_from.timestamp() + at_s) * 1e9)


def _ntp(story: StoryOf, at_s: float) -> int:
    """64-bit NTP time (RFC 3550, 4)."""
    return round((story.recorded_from.timestamp() + at_s + _NTP_EPOCH_S) * 2**32)
