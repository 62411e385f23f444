"""Runs one call: hands it what happens, keeps its facts, performs its effects in order.

Everything here is synchronous on the loop, so one input is done before the next begins, and inputs that arise
meanwhile wait their turn. What takes time runs beside and comes back as an input. The order is: decide, journal,
answer, effects.
"""

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Coroutine, Iterable
from typing import Any

from signaling.call.call import Call, Outcome
from signaling.call.effects import (
    AdmitMedia,
    AnswerUp,
    ChangeMedia,
    ClientCounted,
    CloseCall,
    Effect,
    Interpreters,
    Kick,
    OpenRecorder,
    PlaySampleGuests,
    Push,
    ReleaseMedia,
    RestartDown,
    WriteOnly,
)
from signaling.call.inputs import Connect, Input, Replaced, Request, SpecChanged
from signaling.call.spec import CallSpec, KeySpec
from signaling.errors import Code, SignalingError, Unavailable
from signaling.journal import Journal
from signaling.media.port import SeatId
from signaling.runner.media import MediaSide
from signaling.runner.ports import Outlet, Ports, accepted, refusal
from signaling.runner.recording import Placement, RecordingSide

logger = logging.getLogger(__name__)


def hash_of(token: str) -> str:
    """What is kept of a resume token."""
    return hashlib.sha256(token.encode()).hexdigest()


class CallRunner:
    """One live call on this node."""

    def __init__(self, node: str, call: Call, journal: Journal, ports: Ports, outlet: Outlet) -> None:
        self.call = call
        self.journal = journal
        self._node = node
        self._ports = ports
        self._outlet = outlet
        self._waiting: deque[Input] = deque()
        self._running = False
        self._secrets: dict[str, str] = {}  # by connection: the secret of the resume token it is given
        self._tasks: set[asyncio.Task[None]] = set()
        self._lingers_s: float | None = None  # how long media outlive the call, once it was handed over
        placement = Placement(call.state.spec.call, call.state.spec.epoch, journal.run)
        self.media = MediaSide(placement.call, ports.engine, outlet, self.submit)
        self.recording = RecordingSide(placement, ports.engine, ports.recorders, outlet, self.submit)

    @property
    def spec(self) -> CallSpec:
        """What the call was last opened with."""
        return self.call.state.spec

    def connect(self, conn: str, seat: SeatId, token: str | None) -> None:
        """A connection asks for its seat, with the secret of a resume token or None after a ticket."""
        secret = self._ports.new_secret()
        self._secrets[conn] = secret
        self.submit(Connect(conn, seat, hash_of(token) if token is not None else None, hash_of(secret)))

    def refresh(self, spec: CallSpec) -> None:
        """Web knows the call better."""
        self.recording.add_keys(spec.keys)
        if self.spec.refreshed(spec) != self.spec:
            self.submit(SpecChanged(spec))
            self.journal.keep_spec(self.spec)

    def cut_hidden_listeners(self) -> None:
        """Nobody gets media but who is in the roster that everybody sees, and the recorder."""
        if self._lingers_s is None and not self.call.state.seating.ended:
            self.media.keep_only(self.call.state.with_media(), self.recording.taps)

    def add_keys(self, keys: Iterable[KeySpec]) -> None:
        """More data keys."""
        self.recording.add_keys(keys)

    def submit(self, happened: Input) -> None:
        """Something happened. Done when this returns, unless it was called from within another input's effects."""
        self._waiting.append(happened)
        if self._running:
            return
        self._running = True
        try:
            while self._waiting:
                self._take(self._waiting.popleft())
        finally:
            self._running = False

    def _take(self, happened: Input) -> None:
        try:
            outcome = self.call.handle(happened, self._ports.clock())
        except SignalingError as error:
            self._refuse(happened, error)
            return
        except Exception:  # the border between the call and everybody else: they must not fall with it
            logger.exception("call failed on %s", type(happened).__name__, extra=self._about(happened))
            self._refuse(happened, Unavailable(Code.INTERNAL))
            return
        if outcome.facts:
            self.journal.append(outcome.facts)
            self._outlet.facts_kept(self.spec.call)
        self._answer(happened, outcome)
        for effect in outcome.effects:
            try:
                self._perform(effect)
            except Exception:  # the same border: the effects after it are due all the same
                logger.exception("%s was not performed", type(effect).__name__, extra=self._about(happened))

    def _about(self, happened: Input) -> dict[str, str]:
        """For the log: this call, and the seat of whoever asked."""
        connection = self.call.state.connections.open.get(getattr(happened, "conn", ""))
        seat = getattr(happened, "seat", None) or (connection.seat if connection else None)
        return {"call": self.spec.call, **({"seat": seat} if seat else {})}

    def _refuse(self, happened: Input, error: SignalingError) -> None:
        if isinstance(happened, Request):
            self._outlet.reply(happened.conn, happened.id, refusal(error))
        elif isinstance(happened, Connect):
            self._secrets.pop(happened.conn, None)
            self._outlet.refused(happened.conn, error)

    def _answer(self, happened: Input, outcome: Outcome) -> None:
        if isinstance(happened, Connect):
            self._outlet.opened(happened.conn)
        elif isinstance(happened, Request) and outcome.answer is not None:
            self._outlet.reply(happened.conn, happened.id, accepted(outcome.answer))

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Push():
                self._push(effect)
            case Kick():
                self._secrets.pop(effect.conn, None)
                self._outlet.kick(effect.conn, effect.bye)
            case OpenRecorder():
                self.recording.open(effect.recording)
            case WriteOnly():
                self.recording.write_only(effect.tracks)
            case CloseCall():
                self.recording.close()
                self._beside(self._close_media())
            case _:
                self._perform_media(effect)

    def _perform_media(self, effect: Effect) -> None:
        match effect:
            case AdmitMedia():
                self.media.admit(effect.seat)
            case ReleaseMedia() if self._lingers_s is None:
                self.media.release(effect.seat)
            case AnswerUp():
                self.media.answer_up(effect)
            case ChangeMedia():
                self.media.change(effect)
            case RestartDown():
                self.media.restart_down(effect)
            case ClientCounted():
                self.media.client_counted(effect.seat, effect.stats)
            case Interpreters():
                self.media.prefer(effect.seats)
            case PlaySampleGuests() if self._ports.play_sample_guest is not None:
                self.media.play(effect.seats, self._ports.play_sample_guest)

    def _push(self, effect: Push) -> None:
        data = effect.data
        if effect.with_token:
            connection = self.call.state.connections.open[effect.conn]
            token = f"{self._node}.{self.spec.call}.{connection.seat}.{self._secrets[effect.conn]}"
            data = data.model_copy(update={"resume": token})
        self._outlet.push(effect.conn, effect.event, data)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"close call {self.spec.call}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def hand_over(self, lingers_s: float) -> None:
        """Another node carries the call on: decide nothing any more, record nothing, and let media flow for a while."""
        self._lingers_s = lingers_s
        self.submit(Replaced(goes_on=True))

    async def _close_media(self) -> None:
        if self._lingers_s is not None:
            await asyncio.sleep(self._lingers_s)
        await self.media.close()

    def forget(self, conn: str) -> None:
        """The connection is gone: its secret was handed out or never will be."""
        self._secrets.pop(conn, None)

    async def media_closed(self) -> None:
        """Return when an ended call has left the engine."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """The node stops: media ends, the journal stays. Idempotent."""
        await self.recording.abandon()
        await self.media_closed()
        await self.media.close()
        self.journal.close()
