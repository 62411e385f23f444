"""A node tells webs that it is there and how full it is. Their side: `announcements.py`."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field

from server.domain.engines import Engine
from signaling.frames import LINK_VERSION
from signaling.link import DialFault, PlainHttpRefused, fault_of, refuse_plain_http

PATH = "/link/announce"
EVERY_S = 3.0
AGAIN_S = 0.5  # until the first web has heard it
ANSWER_WITHIN_S = 2.0

log = structlog.get_logger(__name__)


class Announcement(BaseModel):
    """What a node says of itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(max_length=40)
    link_url: str = Field(max_length=300)
    version: int = LINK_VERSION
    calls: int = Field(ge=0)
    seats: int = Field(ge=0)
    seat_capacity: int = Field(ge=0)
    engine: Engine = Engine.SFU
    fullness: float = Field(default=0.0, ge=0)
    processor: float = Field(default=0.0, ge=0)
    packets_per_s: float | None = Field(default=None, ge=0)  # None where its engine does not measure
    packet_limit: float | None = None
    late_s: float = Field(default=0.0, ge=0)
    free_bytes: int | None = None
    takes_rooms: bool = True
    leaving: bool = False


async def keep_announcing(
    webs: Sequence[str],
    secret: str,
    trust: ssl.SSLContext,
    current: Callable[[], Announcement],
    leaving: asyncio.Event,
) -> None:
    """Until cancelled: tell any one of the webs; it writes for all of them. At once when the node is `leaving`."""
    headers = {"Authorization": f"Bearer {secret}"}
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
    connector = aiohttp.TCPConnector(ssl=trust)
    faults: dict[str, DialFault | None] = {}
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as session:
        while True:
            said = current()
            heard = await _tell_one(session, webs, said, faults)
            pause_s = EVERY_S if heard else AGAIN_S
            if said.leaving:
                await asyncio.sleep(pause_s)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(leaving.wait(), pause_s)


async def _tell_one(
    session: aiohttp.ClientSession, webs: Sequence[str], said: Announcement, faults: dict[str, DialFault | None]
) -> bool:
    """Whether one has heard it. Each web's fault is logged when it is another than before."""
    for url in webs:
        try:
            refuse_plain_http(url)
            async with session.post(
                f"{url.rstrip('/')}{PATH}", json=said.model_dump(exclude_none=True), raise_for_status=True
            ):
                faults[url] = None
                return True
        except (aiohttp.ClientError, TimeoutError, PlainHttpRefused) as error:
            fault = fault_of(error)
            if fault not in (DialFault.AWAY, faults.get(url)):
                log.warning("announcement_refused", web=url, reason=str(fault))
            faults[url] = fault
    return False
