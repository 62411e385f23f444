"""A node.

Carries calls whole. Opens them as webs say, relays connections to their runners, and comes back after a kill.

It never opens the database. What it must know of a call arrives with `call.open` and stays in the call's journal, so
a restarted node carries on by itself, under a higher run.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from signaling.call.call import Call
from signaling.call.facts import Fact
from signaling.call.inputs import (
    CloseWhenEmpty,
    ConnectionLost,
    Opened,
    Replaced,
    Request,
    Restarted,
    SampleGuestsWanted,
    Tick,
)
from signaling.call.spec import CallSpec, KeySpec
from signaling.errors import Code, Refused, SignalingError, Unavailable
from signaling.figures import call_figures
from signaling.frames import (
    AnyFrame,
    CallClose,
    CallHandOver,
    CallHistory,
    CallKeys,
    CallOpen,
    CallRefused,
    CallSampleGuests,
    ConnClose,
    ConnEvent,
    ConnMoved,
    ConnOpen,
    ConnRefused,
    ConnReply,
    FactsAck,
)
from signaling.journal import Contents, Journal, journals_in, sync_all
from signaling.link import Peer
from signaling.media.port import CallId, SeatId
from signaling.messages.pushes import Bye
from signaling.messages.requests import MediaStats
from signaling.messages.table import parse_request
from signaling.moving import LINGERS_S, Arrivals, Departures
from signaling.past_calls import PastCalls
from signaling.relay import Relay
from signaling.runner.ports import Ports, refusal
from signaling.runner.runner import CallRunner
from signaling.shipping import Shipper

TICK_S = 1.0
FIGURES_EVERY_TICKS = 3
SYNC_S = 0.2
ALIVE = "alive"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NodeSettings:
    """Who this node is, where its journals are, and what clients are told beside what the spec says."""

    name: str
    directory: Path
    policy: Mapping[str, Any] = field(default_factory=dict)


class Node:
    """All calls of this process. Implements `LinkListener`."""

    def __init__(self, settings: NodeSettings, ports: Ports) -> None:
        self._settings = settings
        self._ports = ports
        self._runners: dict[CallId, CallRunner] = {}
        self._replacing: dict[CallId, asyncio.Task[None]] = {}
        self._ending: list[CallRunner] = []  # replaced ones, while their recording is handed over
        self._arrivals = Arrivals(settings.name, self._begin)
        self._departures = Departures()
        self._empty = asyncio.Event()
        self._ticks = 0
        self._past = PastCalls()
        self._told: list[Journal] = []  # of calls that are over; only to be shipped
        self._shipper = Shipper(time.monotonic)
        self._relay = Relay(self._shipper.ship)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up the calls of the run before, then keep time."""
        self._settings.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        last_alive = self._last_alive()
        for path, contents, spec in journals_in(self._settings.directory):
            self._restore(path, contents, spec, last_alive)
        self._tasks = [
            asyncio.create_task(self._keep_time(), name="node clock"),
            asyncio.create_task(self._keep_synced(), name="node journal sync"),
        ]

    async def close(self) -> None:
        """Stop in order: connections are told to come back, recorders hand over, journals stay. Idempotent."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._departures.close()
        self._relay.kick_all(Bye(code=Code.RESTARTING, resume=True))
        for runner in [*self._runners.values(), *self._ending]:
            await runner.close()
        for journal in self._told:
            journal.close()
        self._runners.clear()

    @property
    def healthy(self) -> bool:
        """Whether every journal reaches the disk."""
        return not any(runner.journal.failing for runner in self._runners.values())

    async def emptied(self) -> None:
        """Return when an end would cut nothing short: no call is here, and all that was decided here is told."""
        await self._empty.wait()

    @property
    def calls(self) -> Mapping[CallId, Call]:
        """What is carried now."""
        return {call: runner.call for call, runner in self._runners.items()}

    @property
    def reports(self) -> dict[tuple[CallId, SeatId], MediaStats]:
        """What each client that is connected said last of its line."""
        calls = self._runners.items()
        return {(call, seat): report for call, runner in calls for seat, report in runner.call.reports.items()}

    def _last_alive(self) -> datetime:
        try:
            return datetime.fromtimestamp((self._settings.directory / ALIVE).stat().st_mtime, UTC)
        except FileNotFoundError:
            return self._ports.clock()

    def _restore(self, path: Path, contents: Contents, spec: CallSpec, last_alive: datetime) -> None:
        call, journal = Call.replay(spec, contents.facts, self._ports.ice_servers), Journal(path, contents, spec)
        older = self._runners.get(spec.call)
        if call.finished or (older is not None and older.spec.epoch > spec.epoch):
            self._tell(journal)
            return
        if older is not None:
            self._tell(older.journal)
        self._carry(call, journal).submit(Restarted(last_alive))

    def _carry(self, call: Call, journal: Journal) -> CallRunner:
        runner = CallRunner(self._settings.name, call, journal, self._ports, self._relay)
        self._runners[runner.spec.call] = runner
        self._shipper.add(journal)
        return runner

    def _tell(self, journal: Journal) -> None:
        self._told.append(journal)
        self._shipper.add(journal)

    async def _keep_time(self) -> None:
        alive = self._settings.directory / ALIVE
        while True:
            with contextlib.suppress(OSError):
                alive.touch()
            for runner in list(self._runners.values()):
                runner.submit(Tick())
                runner.cut_hidden_listeners()
                runner.journal.flush()
            self._shipper.ship_all()
            self._look_at_arrivals()
            await self._tidy()
            self._note_whether_empty()
            self._tell_figures()
            await asyncio.sleep(TICK_S)

    def _tell_figures(self) -> None:
        """Every few seconds, to every web."""
        self._ticks += 1
        if self._ticks % FIGURES_EVERY_TICKS or not self._relay.webs:
            return
        lines = self._ports.engine.lines()
        for call, runner in self._runners.items():
            figures = call_figures(call, lines, runner.call.reports)
            for web in self._relay.webs if figures.seats else ():
                web.send(figures)

    def _note_whether_empty(self) -> None:
        held = (self._runners, self._arrivals, self._replacing, self._ending, self._departures, self._told)
        if any(held):
            self._empty.clear()
        else:
            self._empty.set()

    async def _tidy(self) -> None:
        """Forget calls that are over and told."""
        for runner in [*self._runners.values(), *self._ending]:
            if runner.call.finished and runner.journal.all_acked and not self._departures.is_telling(runner.spec.call):
                self._past.end(runner.spec.call, runner.spec.epoch)
                self._ending = [other for other in self._ending if other is not runner]
                if self._runners.get(runner.spec.call) is runner:
                    del self._runners[runner.spec.call]
                    await runner.close()
                self._done_with(runner.journal)
        for journal in [journal for journal in self._told if journal.all_acked]:
            self._past.end(journal.call, journal.epoch)
            self._told.remove(journal)
            self._done_with(journal)

    def _done_with(self, journal: Journal) -> None:
        self._shipper.drop(journal)
        journal.delete()

    async def _keep_synced(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            journals = [runner.journal for runner in self._runners.values()]
            await asyncio.to_thread(sync_all, journals)

    def carried(self) -> list[str]:
        """What is here, or on its way here."""
        return [*self._runners, *self._replacing]

    def web_joined(self, peer: Peer) -> None:
        """A web has dialled."""
        self._relay.webs.append(peer)
        self._shipper.web_joined(peer)
        for runner in self._runners.values():
            runner.recording.ask_for_keys()

    def web_left(self, peer: Peer) -> None:
        """A web is gone with its connections; their seats wait, media goes on."""
        self._relay.webs.remove(peer)
        for conn in self._relay.through(peer):
            self._lose(conn)
        self._shipper.web_left(peer)

    def web_said(self, peer: Peer, frame: AnyFrame) -> None:
        """A frame of a web. Whatever is wrong with one must not end the link that all others share."""
        try:
            self._handle(peer, frame)
        except Exception:
            logger.exception("a web's %s was not handled", frame.type, extra={"call": getattr(frame, "call", None)})

    def _handle(self, peer: Peer, frame: AnyFrame) -> None:
        match frame:
            case ConnEvent():
                self._event(peer, frame)
            case ConnOpen():
                self._connect(peer, frame)
            case ConnClose():
                self._lose(frame.conn)
            case FactsAck():
                self._shipper.acked(frame)
            case _:
                self._about_a_call(peer, frame)

    def _about_a_call(self, peer: Peer, frame: AnyFrame) -> None:
        match frame:
            case CallOpen():
                self._open(peer, frame)
            case CallHandOver():
                self._hand_over(peer, frame)
            case CallHistory():
                self._arrivals.hear(frame)
            case CallClose():
                self._close(frame)
            case _:
                self._about_a_carried_call(frame)

    def _about_a_carried_call(self, frame: AnyFrame) -> None:
        runner = self._runners.get(CallId(getattr(frame, "call", "")))
        if runner is None:
            return
        match frame:
            case CallKeys():
                runner.add_keys([KeySpec.model_validate(key) for key in frame.keys])
            case CallSampleGuests() if self._ports.play_sample_guest is not None:
                runner.submit(SampleGuestsWanted([SeatId(seat) for seat in frame.seats], frame.waiting))

    def _open(self, peer: Peer, frame: CallOpen) -> None:
        try:
            spec = CallSpec.model_validate(frame.spec)
        except ValidationError as error:
            places = {".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False)}
            logger.error("call.open refused: %s", sorted(places), extra={"call": frame.spec.get("call")})
            return
        spec = self._with_own_policy(spec)
        carried = self._runners.get(spec.call)
        if carried is None:
            if spec.call not in self._replacing and not self._past.is_over(spec.call, spec.epoch):
                self._open_new(peer, spec)
        elif spec.epoch == carried.spec.epoch:
            carried.refresh(spec)
        elif spec.epoch > carried.spec.epoch:
            self._replacing[spec.call] = asyncio.create_task(self._replace(carried, spec), name="replace call")

    def _with_own_policy(self, spec: CallSpec) -> CallSpec:
        policy = {**self._settings.policy, **spec.policy}
        return spec.model_copy(update={"policy": policy})

    def _open_new(self, peer: Peer, spec: CallSpec) -> None:
        if spec.call not in self._arrivals and not self._ports.takes_room(spec.running):
            self._past.refuse(spec.call)
            peer.send(CallRefused(call=spec.call, epoch=spec.epoch))
        elif spec.moved_from is None or spec.moved_from == self._settings.name:
            self._begin(spec)
        else:
            self._arrivals.expect(spec, time.monotonic())
            self._look_at_arrivals()

    def _begin(self, spec: CallSpec, facts: Sequence[Fact] = ()) -> None:
        """Carry it, anew or with what happened in it on another node."""
        self._departures.is_back(spec.call)
        journal = Journal.create(self._settings.directory, spec)
        journal.keep_history(facts)
        runner = self._carry(Call.replay(spec, facts, self._ports.ice_servers), journal)
        runner.add_keys(spec.keys)
        runner.submit(Restarted(self._ports.clock()) if facts else Opened())
        if self._past.is_closed(spec.call, spec.epoch):
            runner.submit(CloseWhenEmpty())

    def _close(self, frame: CallClose) -> None:
        """A call that is still to begin here, anew or from another node, is closed when it does."""
        call = CallId(frame.call)
        if frame.epoch is not None:
            self._past.close(call, frame.epoch)
        runner = self._runners.get(call)
        if runner is not None and (frame.epoch is None or runner.spec.epoch <= frame.epoch):
            runner.submit(CloseWhenEmpty())

    def _look_at_arrivals(self) -> None:
        self._arrivals.look(time.monotonic(), self._relay.webs[0].send if self._relay.webs else None)

    def _hand_over(self, peer: Peer, asked: CallHandOver) -> None:
        """Stop deciding in this call, send everybody to the next node, and tell it what happened."""
        call = CallId(asked.call)
        runner = self._runners.get(call)
        if runner is not None and runner.spec.epoch < asked.epoch and not runner.call.state.seating.ended:
            self._departures.left(call, asked.to)
            del self._runners[call]
            self._ending.append(runner)
            self._relay.kick_from(runner, Bye(code=Code.RESTARTING, resume=True))
            runner.hand_over(LINGERS_S)
        left = next((one for one in self._ending if one.spec.call == call and one.spec.epoch < asked.epoch), None)
        self._departures.tell(peer.send, asked, left.journal.path if left is not None else None)

    async def _replace(self, carried: CallRunner, spec: CallSpec) -> None:
        """The room was placed anew on this node: what was before ends, and is told."""
        del self._runners[spec.call]
        self._ending.append(carried)
        carried.submit(Replaced())
        await carried.media_closed()
        del self._replacing[spec.call]
        self._begin(spec)

    def _connect(self, peer: Peer, frame: ConnOpen) -> None:
        call = CallId(frame.call)
        runner = self._runners.get(call)
        moved_to = self._departures.where(call)
        if runner is None and moved_to is not None and call not in self._arrivals:
            peer.send(ConnMoved(conn=frame.conn, node=moved_to))
            return
        if runner is None:
            later = Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0)
            # Whoever resumes learns from a fresh ticket where the room is now.
            unknown = Code.NODES_FULL if self._past.was_refused(call) else Code.UNKNOWN_CALL
            gone = Refused(Code.RESUME_INVALID if frame.via == "resume" else unknown)
            error = later if call in self._replacing or call in self._arrivals else gone
            peer.send(ConnRefused(conn=frame.conn, code=str(error.code), message=error.message))
            return
        self._relay.add(frame.conn, peer, runner)
        runner.connect(frame.conn, SeatId(frame.seat), frame.token if frame.via == "resume" else None)

    def _event(self, peer: Peer, frame: ConnEvent) -> None:
        try:
            runner = self._relay.runner_of(frame.conn)
            request = Request(frame.conn, frame.id, frame.event, parse_request(frame.event, frame.data))
        except SignalingError as error:
            peer.send(ConnReply(conn=frame.conn, id=frame.id, reply=refusal(error)))
            return
        runner.submit(request)

    def _lose(self, conn: str) -> None:
        runner = self._relay.forget(conn)
        if runner is not None:
            runner.forget(conn)
            runner.submit(ConnectionLost(conn))
