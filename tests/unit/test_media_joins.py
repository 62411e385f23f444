"""What part `joins` of `./run bench media` says of its runs."""

import os
import subprocess

import pytest

from tests.bench.media_joiners import Report
from tests.bench.media_joins import Joined, _tell, _tell_one, talked_s, used_s
from tests.bench.media_load import WARM_UP_S
from tests.bench.media_pairs import in_turns
from tests.bench.media_side import EngineName
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
