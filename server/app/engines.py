"""The media engine of a node, as the settings name it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from server.app.sites import link_trust
from server.config import Settings
from server.domain.engines import Engine
from server.preparation import CannotStart
from server.secret_files import BadSecret, read_janus_secret
from signaling.errors import Unavailable
from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.settings import JanusDoor, JanusProgram, JanusSettings
from signaling.media.loopback_engine import LoopbackEngine
from signaling.media.port import MediaEngine
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, MediaPolicy, SfuSettings

JANUS_OPENS_WITHIN_S = 15.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@asynccontextmanager
async def engine_of(settings: Settings) -> AsyncIterator[MediaEngine]:
    """The engine until the block ends. Raises CannotStart."""
    match settings.engine:
        case Engine.LOOPBACK:
            engine: MediaEngine = LoopbackEngine()
        case Engine.JANUS:
            engine = await _janus(settings)
        case Engine.SFU:
            network = MediaNetwork(
                settings.media_port,
                tuple(map(str, settings.media_hosts)),
                tuple(map(str, settings.media_announce)),
            )
            engine = SfuEngine(SfuSettings(network, media_policy(settings)))
    try:
        yield engine
    finally:
        await engine.close()


def media_policy(settings: Settings) -> MediaPolicy:
    """How much a publisher may send, and how many seats the node takes."""
    return MediaPolicy(seat_capacity=settings.node_seats)


async def _janus(settings: Settings) -> JanusEngine:
    janus = _door(settings) if settings.janus_url else _program(settings)
    tap_host = str(settings.janus_tap_host)
    engine = JanusEngine(JanusSettings(settings.node_name, janus, media_policy(settings), tap_host))
    where = settings.janus_url or f"see {settings.data_dir / 'janus' / settings.node_name / 'janus.log'}"
    try:
        await engine.opened(JANUS_OPENS_WITHIN_S)
    except (TimeoutError, OSError) as error:
        await engine.close()
        raise CannotStart(f"Janus does not answer ({where}).") from error
    except Unavailable as unavailable:
        await engine.close()
        raise CannotStart(f"Janus answers but takes no calls: has it VideoRoom? ({where}).") from unavailable
    return engine


def _door(settings: Settings) -> JanusDoor:
    address = urlsplit(settings.janus_url)
    if address.hostname not in LOOPBACK:
        if address.scheme == "ws":
            raise CannotStart("IEUM_JANUS_URL of another machine must be wss://: its secret is sent with each message.")
        if settings.janus_tap_host.is_loopback:
            raise CannotStart("IEUM_JANUS_TAP_HOST must be an address at which that Janus reaches this node.")
    try:
        secret = read_janus_secret(settings.data_dir / "secrets", os.environ)
    except (BadSecret, OSError) as error:
        raise CannotStart(f"{error}.") from error
    return JanusDoor(secret, settings.janus_url, tls=link_trust(settings))


def _program(settings: Settings) -> JanusProgram:
    if shutil.which(settings.janus_command) is None:
        raise CannotStart(f"{settings.janus_command} is not here: apt-get install janus, or set IEUM_JANUS_COMMAND.")
    first, last = sorted(map(int, settings.janus_ports.split("-")))
    return JanusProgram(
        settings.data_dir.resolve() / "janus" / settings.node_name,
        settings.janus_command,
        hosts=tuple(map(str, settings.media_hosts)),
        announced_hosts=tuple(map(str, settings.media_announce)),
        ports=(first, last),
        event_loops=len(os.sched_getaffinity(0)),
    )
