"""Which node `./run bench node_limit` and part `idle` of `./run bench media` measure, and what is told of it."""

import os
import signal
import subprocess
from types import SimpleNamespace

import pytest

from tests.bench import whole_node
from tests.bench.media_engine import resident_kb
from tests.bench.media_idle import Silence, tell
from tests.bench.media_pairs import in_turns
from tests.bench.media_side import EngineName
from tests.bench.node_limit import FAST_S, SEEN_AFTER_S, asked, row
from tests.bench.processor import Stretch
from tests.bench.whole_node import engine_settings, memory_kb, pids_of
from tests.real_node import Figures, RealNode
from tools.programs import Program


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_node, "address", lambda: "192.0.2.1")


def test_ours_is_measured_unless_janus_is_asked_for_and_nothing_else_is_understood() -> None:
    assert (asked([]), asked(["janus"])) == (("ours", SEEN_AFTER_S), ("janus", SEEN_AFTER_S))
    assert (asked(["fast"]), asked(["janus", "fast"])) == (("ours", FAST_S), ("janus", FAST_S))
    for arguments in (["Janus"], ["janus", "7"], ["--help"]):
        with pytest.raises(SystemExit, match=r"node_limit \[janus\]"):
            asked(arguments)


def test_both_nodes_are_at_the_same_address_and_one_has_a_janus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "path", lambda _: "/usr/bin/janus")
    ours, janus = engine_settings("ours"), engine_settings("janus")
    assert ours["media_hosts"] == janus["media_hosts"] == '["192.0.2.1"]'
    assert "engine" not in ours
    assert (janus["engine"], janus["janus_command"]) == ("janus", "/usr/bin/janus")


def test_without_janus_its_node_is_not_measured_and_how_to_get_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "path", lambda _: None)
    with pytest.raises(SystemExit, match="apt-get install janus"):
        engine_settings("janus")


def test_packets_that_a_node_with_janus_does_not_count_are_not_told_as_none() -> None:
    figures: Figures = {
        ("ieum_node_processor_ratio",): 0.7,
        ("ieum_node_fullness_ratio",): 1.0,
        ("ieum_node_pictures_give_way",): 3.0,
    }
    assert row(figures) == "  not counted packets/s   processor  70 %   full 100 %   pictures give way: step 3"
    assert row({**figures, ("ieum_node_packets_per_second",): 9143.0}).startswith("         9143 packets/s")


async def test_an_idle_node_is_told_by_the_time_of_all_its_processes_and_not_by_that_of_the_other_node(
    capsys: pytest.CaptureFixture[str],
) -> None:
    both = Stretch(20.0, 4.0, 1.0)

    async def take(name: EngineName) -> Silence:
        return Silence(both, 1.0 if name == "ours" else 3.0)

    tell(await in_turns(1, take), {"ours": 245.0, "janus": 271.0})
    told = capsys.readouterr().out
    assert "ours  a node with 200 silent seats: 5.0 (5.0 to 5.0) % of a core, 245 KB a seat" in told
    assert "janus a node with 200 silent seats: 15.0 (15.0 to 15.0) % of a core, 271 KB a seat" in told


def test_all_processes_of_a_node_count() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 60 & echo begun; wait"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout
        shell.stdout.readline()
        node = RealNode(SimpleNamespace(pid=shell.pid), "", "")  # type: ignore[arg-type]  # of a process all that is asked
        pids = pids_of(node)
        assert (pids[0], len(pids)) == (shell.pid, 2)
        assert memory_kb(node) > resident_kb(str(shell.pid))
        for pid in reversed(pids):
            os.kill(pid, signal.SIGKILL)
