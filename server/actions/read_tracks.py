"""What one person of an open room sends and gets, track by track: for whoever looks after the rooms of the day."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from server.actions.cards import card_of
from server.domain.appointments import PRESENT
from server.domain.errors import NotFound
from server.storage.unit_of_work import UnitOfWork
from signaling.frames import ReceivedTrack, SeatTracks
from signaling.media.port import Source

TracksOf = Callable[[str, str], SeatTracks | None]  # of a seat of a call; None where nothing is known


@dataclass(frozen=True, kw_only=True)
class SentFigures:
    """One encoding that comes from the seat, before any repair. What nobody knows is null."""

    source: Source
    layer: int
    height: int | None
    bitrate_bps: int
    loss_percent: float | None


@dataclass(frozen=True, kw_only=True)
class ReceivedFigures:
    """One track of somebody else on its way to the seat. What nobody knows is null."""

    seat_id: str
    name: str
    source: Source
    layer: int | None
    paused: bool
    height: int | None
    bitrate_bps: int
    loss_percent: float | None
    freezes_per_minute: float | None
    concealed_percent: float | None


@dataclass(frozen=True, kw_only=True)
class TracksOfSeat:
    """Both directions; empty while the seat is not in the room, and where its node measures nothing."""

    sends: tuple[SentFigures, ...] = ()
    receives: tuple[ReceivedFigures, ...] = ()


async def read_tracks(uow: UnitOfWork, appointment_id: str, seat_id: str, tracks_of: TracksOf) -> TracksOfSeat:
    """As they were told last. Raises NotFound for what lies outside one's reach."""
    card = await card_of(uow, appointment_id)
    names = {seat.id: seat.name for seat in card.seats}
    seat = next((seat for seat in card.seats if seat.id == seat_id), None)
    if seat is None:
        raise NotFound
    told = tracks_of(card.call_id, seat_id) if seat.presence in PRESENT else None
    if told is None:
        return TracksOfSeat()
    return TracksOfSeat(sends=tuple(_sent(told)), receives=tuple(_received(told, names)))


def _sent(told: SeatTracks) -> Iterator[SentFigures]:
    for each in told.sends:
        yield SentFigures(
            source=_source(each.track),
            layer=each.layer,
            height=each.height or None,
            bitrate_bps=each.bitrate_bps,
            loss_percent=each.loss_percent,
        )


def _received(told: SeatTracks, names: Mapping[str, str]) -> Iterator[ReceivedFigures]:
    """Tracks of people who are in the appointment; of another nothing is told, for there is nobody to name."""
    for each in told.receives:
        seat = each.track.rpartition(".")[0]
        if seat in names:
            yield _figures(each, seat, names[seat])


def _figures(each: ReceivedTrack, seat: str, name: str) -> ReceivedFigures:
    return ReceivedFigures(
        seat_id=seat,
        name=name,
        source=_source(each.track),
        layer=each.layer,
        paused=each.paused,
        height=each.height or None,
        bitrate_bps=each.bitrate_bps,
        loss_percent=each.loss_percent,
        freezes_per_minute=each.freezes_per_minute,
        concealed_percent=each.concealed_percent,
    )


def _source(track: str) -> Source:
    return Source(track.rpartition(".")[2])
