"""Which node `./run bench node_limit` measures."""

import pytest

from tests.bench import whole_node
from tests.bench.node_limit import engine_of
from tests.bench.whole_node import engine_settings
from tools.programs import Program


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_node, "address", lambda: "192.0.2.1")


def test_ours_is_measured_unless_janus_is_asked_for_and_nothing_else_is_understood() -> None:
    assert (engine_of([]), engine_of(["janus"])) == ("ours", "janus")
    for arguments in (["Janus"], ["janus", "7"], ["--help"]):
        with pytest.raises(SystemExit, match=r"node_limit \[janus\]"):
            engine_of(arguments)


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
