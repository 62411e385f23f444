"""A process that records a made-up voice until it is killed: `python -m tests.spooling_child <directory>`.

Every packet's number is printed when the recorder has taken it, so that whoever kills us knows what was lost.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from recordings.recorder import SpoolRecorders
from recordings.track_spool import SpoolSettings
from signaling.media.port import CallId, Source
from tests.recording_node import FolderStore, Listener, keys
from tests.rtp_media import a_track

PACKET_EVERY_S = 0.02


async def record(directory: Path) -> None:
    """Record until the end of this process."""
    track = a_track("alice", Source.MIC)
    settings = SpoolSettings(directory / "spool", refuse_below_bytes=0, stop_below_bytes=0)
    async with SpoolRecorders(settings, FolderStore(directory), request_key_frame=lambda track: None) as recorders:
        recorder = recorders(CallId("call1"), "rec1", 1, 1, keys(1), Listener())
        recorder.write_only({track.id})
        number = 0
        while True:
            recorder.on_packet(track, number.to_bytes(4) * 20, time.time_ns())
            os.write(1, b"%d\n" % number)
            number += 1
            await asyncio.sleep(PACKET_EVERY_S)


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
