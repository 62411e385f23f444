"""The web process, put together: pages, API, sockets, links to nodes, and the private site."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from server.actions.begin_notes import begin_notes
from server.actions.call_orders import CloseCall, OpenCall, order_for
from server.actions.call_spec import IssueKeys, key_json
from server.actions.contact import InstallationContact
from server.actions.content_keys import key_issuer
from server.actions.follow_recording import follow_recordings
from server.actions.join_call import Admission, SeatRevoked, redeem
from server.actions.nodes import node_of, room_refused
from server.actions.passwords import Passwords
from server.actions.record_facts import Projection, fact_of, record_facts
from server.actions.sample_guests import EmptySeats
from server.api.application import create
from server.api.ask import Services
from server.api.attempts import Attempts
from server.api.doors import address_of
from server.api.live import DeskNamespace, follow_changes
from server.app.announcements import add_announcements
from server.app.installation import turn_service
from server.app.live_figures import LiveFigures
from server.app.metrics import Gauges, LoopLag, private_application
from server.app.missed_orders import MissedOrders
from server.app.node_links import NodeLinks
from server.app.resources import Resources, opened
from server.app.sites import link_trust, private_site, tcp_site, tls_context
from server.app.tasks import running
from server.app.waiting_guests import keep_guests_waiting
from server.config import Settings
from server.domain.appointments import Appointment, AppointmentEnded
from server.domain.errors import Refused as DomainRefused
from server.domain.errors import Unavailable as DomainUnavailable
from server.domain.links import TicketRefused
from server.domain.permissions import SystemScope
from server.domain.rooms import Assignment, NodesFull, RoomNotReady
from server.preparation import check_sample, has_samples
from server.storage.changes import ChangeReader
from signaling.errors import Code, Refused, SignalingError, Unavailable
from signaling.frames import CallClose, CallOpen, CallSampleGuests
from signaling.gateway import Gateway, GatewayPorts
from signaling.link import LinkClient
from signaling.media.ice_servers import no_ice_servers
from signaling.media.port import MediaProbe
from signaling.sockets import SocketServer

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parents[1] / "static"


@asynccontextmanager
async def web(settings: Settings) -> AsyncIterator[None]:
    """Serve until the block ends. Raises CannotStart."""
    if has_samples(settings):
        check_sample(settings)
    async with opened(settings) as resources, _serving(resources):
        yield


@asynccontextmanager
async def _serving(resources: Resources) -> AsyncIterator[None]:
    settings, lag = resources.settings, LoopLag()
    calls = Calls(resources)
    services = replace(_services(resources, calls.probe), lines_of=calls.figures.of, tracks_of=calls.figures.tracks_of)
    sockets = SocketServer([services.public_url], partial(address_of, trusted=settings.trusted_proxies))
    if services.has_samples:
        services = replace(services, seat_sample_guests=calls.seat_sample_guests)
    gateway = Gateway(sockets, calls.ports())
    calls.connect(gateway)
    desk = DeskNamespace(services)
    sockets.register_namespace(desk)
    private = private_application(
        Gauges(lambda: {"web_loop_lag_seconds": lag.lag_s, "web_nodes_linked": len(calls.links.all_up())})
    )
    add_announcements(private, resources.database, resources.secrets.link, resources.clock)
    missed = MissedOrders(resources.database, calls.links, calls.changed)
    waiting = keep_guests_waiting(resources, calls.seat_sample_guests)
    news = follow_changes(ChangeReader(resources.database), desk, calls.changed)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(calls.links.close)
        await stack.enter_async_context(running(calls.links.follow(), missed.follow(), news, waiting, lag.watch()))
        await stack.enter_async_context(private_site(settings, private))
        public = create(services, settings.trusted_proxies, sockets)
        await stack.enter_async_context(
            tcp_site(public, settings.listen_host, settings.listen_port, tls_context(settings))
        )
        stack.push_async_callback(gateway.shut_down)
        yield


def _services(resources: Resources, probe: Callable[[], MediaProbe | None]) -> Services:
    settings = resources.settings
    turn = turn_service(settings)
    return Services(
        database=resources.database,
        clock=resources.clock,
        new_id=resources.new_id,
        new_secret=resources.new_secret,
        passwords=Passwords(),
        attempts=Attempts(),
        contact=InstallationContact(resources.database, settings.contact_phone),
        keys=resources.keys,
        files=resources.files,
        public_url=str(settings.public_url).rstrip("/"),
        static_dir=STATIC,
        ice_servers=turn.ice_servers if turn else no_ice_servers,
        media_probe=probe,
        has_samples=has_samples(settings),
        low_disk_bytes=2 * settings.spool_refuse_below_mb * 1_000_000,
    )


class Calls:
    """What the gateway needs of the rest of the server: tickets, links, a place for facts, keys."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._issue: IssueKeys = key_issuer(resources.keys, resources.new_id, resources.clock)
        self._projections: Sequence[Projection] = (
            follow_recordings(resources.keys, resources.new_id),
            begin_notes(resources.new_id),
        )
        self._gateway: Gateway | None = None
        self.figures = LiveFigures()
        self._trust = link_trust(resources.settings)
        self.links = NodeLinks(resources.database, resources.clock, self._dial)

    def connect(self, gateway: Gateway) -> None:
        """Say who hears what nodes send; before the first link is dialled."""
        self._gateway = gateway

    def ports(self) -> GatewayPorts:
        """Ourselves, as the gateway sees us."""
        return GatewayPorts(
            redeem=self._redeem,
            link=self.links.get,
            record=self._record,
            issue_keys=self._keys,
            node_of=self._node_of,
            refused=self._refused,
            figures=self.figures.hear,
            new_id=self._resources.new_id,
        )

    def probe(self) -> MediaProbe | None:
        """Of any node: they are reached alike. None while none is linked, or none has such a place."""
        return next((link.probe for link in self.links.all_up() if link.probe is not None), None)

    async def changed(self, call: str) -> None:
        """A call's rows changed: tell the node that carries it."""
        async with self._resources.database.write(SystemScope("call order")) as uow:
            order = await order_for(uow, call, self._issue)
        match order:
            case OpenCall():
                link = self.links.get(order.node)
                if link is not None and link.up:
                    link.send(CallOpen(spec=order.spec))
            case CloseCall():
                for link in self.links.all_up():
                    link.send(CallClose(call=order.call, epoch=order.epoch))

    async def seat_sample_guests(self, empty: EmptySeats) -> None:
        """Let synthetic people take these seats. Raises RoomNotReady while the node is not linked."""
        link = self.links.get(empty.node)
        if link is None or not link.up:
            raise RoomNotReady(retry_after_s=2)
        link.send(CallSampleGuests(call=empty.call, seats=list(empty.seats), waiting=empty.waiting))

    def _dial(self, name: str, url: str) -> LinkClient:
        assert self._gateway is not None  # noqa: S101  connected before the first look at the nodes
        web_name = f"web-{socket.gethostname()}"
        return LinkClient(name, url, self._resources.secrets.link, web_name, self._gateway, self._trust)

    async def _redeem(self, ticket: str) -> Admission:
        try:
            async with self._resources.database.write(SystemScope("redeem")) as uow:
                return await redeem(uow, ticket, self._resources.clock(), self._issue)
        except DomainRefused as refused:
            raise _as_signalling(refused) from refused

    async def _record(self, facts: Sequence[Mapping[str, Any]]) -> None:
        with _waiting():
            async with self._resources.database.write(SystemScope("facts")) as uow:
                await record_facts(uow, [fact_of(fact) for fact in facts], self._projections)

    async def _keys(self, call: str, count: int) -> list[dict[str, Any]]:
        with _waiting():
            async with self._resources.database.write(SystemScope("keys")) as uow:
                assignment = await uow.rows(Assignment).one(call)
                appointment = await uow.rows(Appointment).one(assignment.appointment_id)
                return [key_json(key) for key in await self._issue(uow, appointment, count)]

    async def _node_of(self, call: str) -> str | None:
        try:
            async with self._resources.database.read(SystemScope("node of a call")) as uow:
                return await node_of(uow, call, self._resources.clock())
        except DomainRefused as refused:
            raise _as_signalling(refused) from refused

    async def _refused(self, node: str, call: str, epoch: int) -> None:
        log.warning("room_refused", node=node, call=call)
        with _waiting():
            async with self._resources.database.write(SystemScope("room refused")) as uow:
                await room_refused(uow, node, call, epoch, self._resources.clock())


_CODES: Mapping[type[DomainRefused], Code] = {
    TicketRefused: Code.TICKET_INVALID,
    SeatRevoked: Code.SEAT_REVOKED,
    AppointmentEnded: Code.CALL_ENDED,
}


@contextmanager
def _waiting() -> Iterator[None]:
    """What the rest of the server cannot do just now, in the words of the live part. The node asks again."""
    try:
        yield
    except DomainUnavailable as error:
        raise Unavailable(error.code) from error


def _as_signalling(refused: DomainRefused) -> SignalingError:
    """Why a room cannot be entered, in the words of the protocol."""
    if isinstance(refused, NodesFull):
        return Unavailable(Code.NODES_FULL, retry_after_s=5.0)
    if isinstance(refused, DomainUnavailable):
        return Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0)
    return Refused(_CODES.get(type(refused), Code.WRONG_STATE))
