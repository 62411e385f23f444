"""Calls that are recorded for a server with a file store, and the server's worker."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from recordings.recorder import SpoolRecorders
from recordings.synthetic import picture, tone
from server.actions.content_keys import key_issuer
from server.actions.follow_recording import follow_recordings
from server.actions.process_recording import Workshop
from server.domain.appointments import Appointment
from server.domain.recordings import Recording
from server.jobs.registry import job_kinds
from server.jobs.worker import Worker
from server.storage.files import FolderStore
from server.storage.keys import Keys
from server.storage.unit_of_work import Database
from signaling.media.port import CallId, SeatId, Source, track_id
from tests.journal import Journal, opened
from tests.recording_node import settings
from tests.rtp_media import START_NS, Sender, a_track, in_order_of_arrival
from tests.world import NOW, SCOPE, World, make_world, new_id

START = datetime.fromtimestamp(START_NS / 1e9, NOW.tzinfo)
SECONDS = 2
LATER = timedelta(hours=2)


@dataclass
class Told:
    """The node's listener: what it would journal."""

    parts: list[dict[str, Any]] = field(default_factory=list)

    def part_stored(self, recording: str, part: dict[str, object]) -> None:
        self.parts.append(part)

    def recording_failed(self, recording: str, code: str) -> None:
        raise AssertionError(code)


@dataclass
class Studio:
    """A server with a file store, and calls recorded for it."""

    world: World
    workshop: Workshop
    folder: Path

    @property
    def worker(self) -> Worker:
        return Worker(self.world.database, "w1", job_kinds(self.workshop), [], self.world.clock)

    async def work(self) -> None:
        """Do everything that is due."""
        worker = self.worker
        while await worker.work_once():
            pass

    async def began(self, appointment: Appointment) -> Journal:
        """The call, with everybody in the room since its start."""
        projection = follow_recordings(self.workshop.keys, new_id)
        journal = await opened(self.world, appointment, [projection])
        for name in journal.seats:
            await journal.presence(START, name, "connected")
        return journal

    async def record(self, journal: Journal, *names: str, run: int = 1) -> list[dict[str, Any]]:
        """Two seconds of these people's voices and pictures through a real recorder; the parts it stored."""
        told = Told()
        spool = SpoolRecorders(settings(self.folder / f"node-{run}"), self.workshop.files, lambda track: None)
        async with spool as recorders:
            async with self.world.database.write(SCOPE) as uow:
                appointment = await uow.rows(Appointment).one(next(iter(journal.seats.values())).appointment_id)
                issue = key_issuer(self.workshop.keys, new_id, self.world.clock)
                keys = await issue(uow, appointment, 8)
            recorder = recorders(CallId(journal.call_id), journal.call_id, 1, run, keys, told)
            seats = [journal.seats[name].id for name in names]
            sources = (Source.MIC, Source.CAMERA)
            recorder.write_only([track_id(SeatId(seat), source) for seat in seats for source in sources])
            streams = []
            for number, seat in enumerate(seats):
                sender = Sender(seat, ssrc=1000 * (number + 1))
                streams += [
                    sender.audio(tone(SECONDS, 300)),
                    sender.video(picture(SECONDS, 160, 120, 10, seed=number), 10),
                ]
            for packet in in_order_of_arrival(*streams):
                packet.into(recorder)
            await recorder.close()
        return told.parts

    async def recorded(self, appointment: Appointment, *names: str) -> Journal:
        """A recorded call, over, with every part told."""
        journal = await self.began(appointment)
        await self.start(journal, *names)
        parts = await self.record(journal, *names)
        await self.end(journal, parts)
        return journal

    async def start(self, journal: Journal, *names: str) -> None:
        tracks = [a_track(journal.seats[name].id, source).id for name in names for source in Source]
        await journal.tell(START, "recording_started", recording=journal.call_id, tracks=tracks)

    async def end(self, journal: Journal, parts: list[dict[str, Any]]) -> None:
        end = START + timedelta(seconds=SECONDS)
        host = next(seat.id for seat in journal.seats.values() if seat.staff)
        await journal.tell(START + timedelta(seconds=1), "bookmarked", id="b1", by=host, text="목표")
        await journal.tell(end, "recording_stopped", recording=journal.call_id, by=None, cause="call_ended")
        await journal.tell(end, "call_ended", by=host, cause="host")
        for part in parts:
            await journal.tell(end, "part_stored", recording=journal.call_id, part=part)
        await journal.tell(end, "recording_sealed", recording=journal.call_id)
        self.world.clock.now = end + LATER

    async def recording(self, journal: Journal) -> Recording:
        async with self.world.database.read(SCOPE) as uow:
            return await uow.rows(Recording).one(journal.call_id)

    async def all(self, kind: type[Any]) -> list[Any]:
        async with self.world.database.read(SCOPE) as uow:
            return await uow.rows(kind).where()


async def a_studio(database: Database, folder: Path) -> Studio:
    """On this database, with its objects in `folder/store`."""
    world = await make_world(database)
    workshop = Workshop(
        database=database,
        files=FolderStore(folder / "store"),
        keys=Keys(bytes(32)),
        scratch=folder / "scratch",
        new_id=new_id,
        clock=world.clock,
    )
    return Studio(world, workshop, folder)
