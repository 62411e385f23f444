"""What is said to VideoRoom of a room as a whole, on a handle that has no peer connection."""

import hashlib
import hmac
import logging
import secrets

from signaling.media.janus.client import Handle, JanusRefused, Json
from signaling.media.janus.tap_port import SUITE

MOST_PUBLISHERS = 1_000  # how many may publish is the call's decision
TALKS_BELOW_DBOV = 50
TALKS_AFTER_PACKETS = 15  # 0.3 s

logger = logging.getLogger(__name__)


class Desk:
    """Makes and ends rooms, and forwards tracks. `node` names whose rooms they are."""

    def __init__(self, handle: Handle, node: str, api_secret: str) -> None:
        self._handle = handle
        self._mark = f"ieum {node}"
        # Who can speak to Janus may join any room, but only its node may end it or listen to it by a forward.
        self._secret = hmac.new(api_secret.encode(), self._mark.encode(), hashlib.sha256).hexdigest()
        self._wanted: set[int] = set()
        self.unsure = True  # there may be rooms of ours that nobody wants
        handle.on_event = self._on_event

    async def create_room(self) -> int:
        """A new room: VP8 and Opus, nothing recorded by Janus. Raises JanusRefused, Unavailable."""
        room = secrets.randbelow(2**52) + 1
        self._wanted.add(room)
        try:
            await self._create(room)
        except BaseException:
            self._wanted.discard(room)
            self.unsure = True
            raise
        return room

    async def _create(self, room: int) -> None:
        await self._handle.ask(
            "create",
            room=room,
            description=self._mark,
            secret=self._secret,
            is_private=False,  # so that `sweep` finds it; only who knows the API's secret can list rooms at all
            publishers=MOST_PUBLISHERS,
            audiocodec="opus",
            videocodec="vp8",
            opus_fec=True,
            opus_dtx=True,
            record=False,
            lock_record=True,
            audiolevel_event=True,
            audio_active_packets=TALKS_AFTER_PACKETS,
            audio_level_average=TALKS_BELOW_DBOV,
            videoorient_ext=False,  # a device turns its picture itself then, so that recordings need not
            playoutdelay_ext=False,
        )

    async def destroy_room(self, room: int) -> None:
        """End a room, and with it all that was in it. Idempotent. Raises Unavailable."""
        self._wanted.discard(room)
        try:
            await self._handle.ask("destroy", room=room, secret=self._secret)
        except JanusRefused as refused:
            logger.debug("a room could not be ended: %s", refused)
        except BaseException:
            self.unsure = True
            raise

    async def sweep(self) -> None:
        """End this node's rooms that nobody wants: an earlier run left them, or Janus did not answer in time.

        Raises JanusRefused, Unavailable.
        """
        self.unsure = False
        try:
            listed, _ = await self._handle.ask("list")
        except BaseException:
            self.unsure = True
            raise
        for room in listed.get("list", ()):
            if room.get("description") == self._mark and room["room"] not in self._wanted:
                await self.destroy_room(room["room"])

    async def forward(
        self, room: int, feed: int, mid: str, ssrc: int, *, one_of_layers: bool, to: tuple[str, int], key: str
    ) -> int:
        """Send a stream to an address of ours, by SRTP; of several layers the largest that is there, as one.

        Returns the number of the forward. Raises JanusRefused, Unavailable.
        """
        host, port = to
        data, _ = await self._handle.ask(
            "rtp_forward",
            room=room,
            publisher_id=feed,
            secret=self._secret,
            host=host,
            streams=[{"mid": mid, "port": port, "ssrc": ssrc, "simulcast": one_of_layers}],
            srtp_suite=SUITE,  # beside the streams: within them Janus takes these two and does nothing with them
            srtp_crypto=key,
        )
        return int(data["forwarders"][0]["stream_id"])

    async def stop_forward(self, room: int, feed: int, forward: int) -> None:
        """End a forward. Idempotent. Raises Unavailable."""
        try:
            await self._handle.ask(
                "stop_rtp_forward", room=room, publisher_id=feed, secret=self._secret, stream_id=forward
            )
        except JanusRefused as refused:  # its publisher is gone, and the forward with it
            logger.debug("a forward could not be ended: %s", refused)

    def _on_event(self, event: Json) -> None:
        """What nobody waits for: a room that was made after all is one to sweep."""
        if event.get("plugindata", {}).get("data", {}).get("videoroom") == "created":
            self.unsure = True
