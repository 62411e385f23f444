"""What parts `joins` and `filling` of `./run bench media` say of their runs."""

import os
import subprocess

import pytest

from tests.bench.media_filling import Filling, tell
from tests.bench.media_joiners import Report
from tests.bench.media_joins import Joined, _tell, _tell_one, talked_s, used_s
from tests.bench.media_load import WARM_UP_S
from tests.bench.media_pairs import in_turns
from tests.bench.media_side import EngineName, Figures
from tests.bench.processor import Stretch
from tests.media_runs import a_run


def a_report() -> Report:
    """Of joiners who used more in all than while anything was sent."""
    return Report(1000, 857, 803, {"receiving connection: TimeoutError()": 143}, 112.0, 4_500.0, 17_300.0, 5.0)


@pytest.mark.parametrize(("joiners_s", "others_percent"), [(3.24, 5.0), (0.36, 85.0), (5.0, 0.0)])
def test_of_a_minute_with_joiners_what_they_used_in_it_is_not_of_others(
    joiners_s: float, others_percent: float
) -> None:
    joined = Joined(a_run(), a_run(foreign_percent=95.0), joiners_s, a_report())
    assert joined.foreign_percent == pytest.approx(others_percent)


def test_a_run_with_joiners_tells_who_failed_and_where_what_was_lost_and_how_late_the_load_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _tell_one("ours", Joined(a_run(), a_run(lost_voice=0.25, sent=0.97), 1.0, a_report()))
    told = capsys.readouterr().out
    assert "857 of 1000 joined in 112 s, 803 within the 60 s" in told
    assert "143 failed, receiving connection: TimeoutError()" in told
    assert "lost voice 25.000 %" in told
    assert "(the load itself was at most 7.0 ms late and sent 97.0 %)" in told


async def test_all_runs_with_joiners_are_told_with_what_held_our_loop(capsys: pytest.CaptureFixture[str]) -> None:
    async def take(_: EngineName) -> Joined:
        return Joined(a_run(turn_s=0.061), a_run(turn_s=0.087), 1.0, a_report())

    _tell(await in_turns(1, take))
    told = capsys.readouterr().out
    assert "slowest turn of the loop 61 (61 to 61) ms without joiners, 87 (87 to 87) ms with them" in told
    assert "within 60 s 803 (803 to 803)" in told


def test_the_stretch_without_joiners_is_as_long_as_the_one_with_them() -> None:
    assert talked_s(a_run()) == pytest.approx(3.0 - WARM_UP_S)


def test_of_a_process_that_is_gone_nobody_can_tell_any_more_what_it_used() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert used_s(gone.pid) is None
    assert (used_s(os.getpid()) or 0.0) > 0.0


async def test_what_a_seat_takes_is_told_with_quartiles_and_with_the_process_that_steers_janus(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kb = iter((6_000, 12_000, 9_000, 6_600))  # of ours, Janus, Janus, ours

    async def take(name: EngineName) -> Filling:
        took = Figures(0.12, 0.06 if name == "janus" else 0.0, next(kb), None, beside_kb=3_000 * (name == "janus"))
        return Filling(60, Stretch(3.0, 0.12, 0.0), took)

    tell(await in_turns(2, take))
    told = capsys.readouterr().out
    assert "ours  a seat takes 2.0 (2.0 to 2.0) ms of the processor, and 0.0 (0.0 to 0.0) of" in told
    assert "105.0 (102.5 to 107.5) KB, and 0.0 (0.0 to 0.0) there" in told
    assert "175.0 (162.5 to 187.5) KB, and 50.0 (50.0 to 50.0) there" in told
    assert "processor 0.67 (0.67 to 0.67), memory" in told


def test_memory_of_the_process_that_steers_is_what_it_grew_by() -> None:
    before, after = Figures(1.0, 0.5, 1_000, None, beside_kb=400), Figures(2.0, 0.7, 1_500, None, beside_kb=550)
    assert after.since(before).beside_kb == 150
