"""Packets that come late, out of order and in bursts: people talk, and after a second of nothing all is back.

How soon, and how long a voice takes to the ear, is for benches to say: `returns` and `mouth_to_ear`.
"""

import pytest

from tests.bad_network.profiles import Way, both_ways
from tests.bench.coming_back import after_a_cut
from tests.bench.conversation import conversation
from tests.bench.mouth_to_ear import LATE, goes_on

BURSTS, BURST_S, JITTER_MS = 3, 1.0, 80


@pytest.mark.usefixtures("networks", "chromium_path")
async def test_on_a_late_line_sound_and_picture_come_back_after_every_second_without_a_packet() -> None:
    async with conversation(both_ways(jitter_ms=JITTER_MS, **LATE)) as talk:
        for _ in range(BURSTS):
            await goes_on(talk, packets=300)
            back = await after_a_cut(talk, BURST_S)
            assert None not in [seconds for way in Way for seconds in back[way].values()], back
