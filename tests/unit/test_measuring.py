"""A node measures whoever carries its media, in its own process or in another."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from server.app import measuring
from server.app.measuring import Meter
from server.app.node import announcement, figures
from server.config import Settings
from signaling import capacity
from signaling.capacity import REFUSES_FROM, takes
from signaling.media.loopback_engine import LoopbackEngine
from signaling.media.port import ProcessorTime
from signaling.node import Node
from tests.waiting import until

CORES = 4


class CarriedElsewhere(LoopbackEngine):
    """Has a process that keeps all its cores busy."""

    def processor_time(self) -> ProcessorTime:
        return ProcessorTime(asyncio.get_running_loop().time() * CORES, CORES)


class NotAnswering(LoopbackEngine):
    """Whoever carries its media is away."""

    available = False


async def test_a_node_whose_engine_does_not_answer_says_that_it_is_full(tmp_path: Path) -> None:
    meter = Meter(NotAnswering(), tmp_path, reserve_bytes=0)
    assert not meter.takes(running=False)
    assert not meter.takes(running=True)
    carrier = cast(Node, SimpleNamespace(calls={}))
    said = announcement(Settings(data_dir=tmp_path), carrier, NotAnswering(), meter, leaving=False)
    assert not takes(said.takes_rooms, said.fullness, running=True), "whoever places rooms thinks so too"


async def test_a_node_whose_media_keep_another_process_busy_takes_no_new_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "EVERY_S", 0.01)
    monkeypatch.setattr(capacity, "SMOOTHED_OVER_S", 0.01)
    meter = Meter(CarriedElsewhere(), tmp_path, reserve_bytes=0)
    watching = asyncio.create_task(meter.watch())
    await until(lambda: meter.load.processor >= REFUSES_FROM)
    watching.cancel()
    assert not meter.takes(running=False)


async def test_a_node_whose_engine_counts_no_packets_tells_no_number_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "EVERY_S", 0.01)
    engine = CarriedElsewhere()
    meter = Meter(engine, tmp_path, reserve_bytes=0)
    watching = asyncio.create_task(meter.watch())
    await until(lambda: meter.load.processor)
    watching.cancel()
    carrier = cast(Node, SimpleNamespace(calls={}, healthy=True))
    assert announcement(Settings(data_dir=tmp_path), carrier, engine, meter, leaving=False).packets_per_s is None
    told = figures(engine, carrier, meter)
    assert "node_seats" in told
    assert "node_packets_per_second" not in told
