"""The ICE agent: which check may bind an address, move the media or restart."""

from itertools import count

import pytest

from signaling.media.sfu.ceiling import BURST_S, CHECKS_PER_S
from signaling.media.sfu.ice import MAX_PATHS, SILENT_AFTER_S, STALE_AFTER_S, IceAgent, Path
from signaling.media.sfu.stun import Check, Rejected, parse_check
from tests.checks import check_of

HERE, THERE = Path(3, ("192.0.2.1", 1000)), Path(3, ("192.0.2.1", 2000))


class Net:
    """Agents of one port."""

    def __init__(self) -> None:
        self.bindings: dict[Path, IceAgent] = {}
        self._numbers = count()

    def agent(self) -> IceAgent:
        return IceAgent(self.bindings, lambda n: f"{next(self._numbers):0{n}d}", lambda datagram: None)


def a_check(agent: IceAgent, nominate: bool = True, ufrag: str = "", password: str = "") -> Check:
    return parse_check(check_of(ufrag or agent.local.ufrag, password or agent.local.password, nominate=nominate))


def test_a_signed_check_binds_its_address_and_selects_it() -> None:
    net = Net()
    agent = net.agent()
    assert agent.on_check(a_check(agent), HERE, 0.0)
    assert net.bindings == {HERE: agent}
    assert agent.selected == HERE


@pytest.mark.parametrize(("ufrag", "password"), [("", "w" * 32), ("000000009999", "")])
def test_a_check_without_our_credentials_binds_nothing(ufrag: str, password: str) -> None:
    net = Net()
    agent = net.agent()
    with pytest.raises(Rejected):
        agent.on_check(a_check(agent, ufrag=ufrag, password=password), HERE, 0.0)
    assert not net.bindings


def test_a_nominating_check_moves_the_media_at_once() -> None:
    agent = Net().agent()
    agent.on_check(a_check(agent), HERE, 0.0)
    agent.on_check(a_check(agent), THERE, 0.1)
    assert agent.selected == THERE


def test_a_plain_check_moves_only_a_silent_path() -> None:
    agent = Net().agent()
    agent.on_check(a_check(agent), HERE, 0.0)
    agent.on_check(a_check(agent, nominate=False), THERE, SILENT_AFTER_S - 0.1)
    assert agent.selected == HERE
    agent.on_check(a_check(agent, nominate=False), THERE, SILENT_AFTER_S + 0.1)
    assert agent.selected == THERE


def test_a_recorded_check_cannot_steal_the_media() -> None:
    agent = Net().agent()
    recorded = a_check(agent)
    agent.on_check(recorded, HERE, 0.0)
    with pytest.raises(Rejected, match="stun_replay"):
        agent.on_check(recorded, THERE, 1.0)
    assert agent.selected == HERE


def test_a_retransmitted_check_is_answered_and_changes_nothing() -> None:
    agent = Net().agent()
    first = a_check(agent)
    agent.on_check(first, HERE, 0.0)
    agent.on_check(a_check(agent), THERE, 1.0)
    assert agent.on_check(first, HERE, 2.0)
    assert agent.selected == THERE


def test_only_so_many_checks_of_a_peer_are_answered() -> None:
    agent = Net().agent()
    checks = [a_check(agent) for _ in range(int(CHECKS_PER_S * BURST_S))]
    for check in checks:
        assert agent.on_check(check, HERE, 0.0)
    with pytest.raises(Rejected, match="stun_over_ceiling"):
        agent.on_check(a_check(agent), THERE, 0.0)
    assert agent.selected == HERE, "what is not answered changes nothing"
    assert agent.on_check(a_check(agent), THERE, 0.1)


def test_checks_recorded_and_repeated_by_somebody_else_use_up_none_of_the_peers_own() -> None:
    agent = Net().agent()
    recorded = a_check(agent)
    for _ in range(int(CHECKS_PER_S * BURST_S) + 1):
        assert agent.on_check(recorded, HERE, 0.0)
    with pytest.raises(Rejected, match="stun_over_ceiling"):
        agent.on_check(recorded, HERE, 0.0)
    assert agent.on_check(a_check(agent), HERE, 0.0)


def test_checks_that_are_not_signed_use_up_none_of_the_peers_own() -> None:
    agent = Net().agent()
    forged = a_check(agent, password="w" * 32)
    for _ in range(2 * int(CHECKS_PER_S * BURST_S)):
        with pytest.raises(Rejected, match="stun_integrity"):
            agent.on_check(forged, HERE, 0.0)
    assert agent.on_check(a_check(agent), HERE, 0.0)


def test_old_credentials_hold_until_the_new_ones_nominate() -> None:
    agent = Net().agent()
    old = agent.local
    agent.on_check(a_check(agent), HERE, 0.0)
    agent.restart()
    assert agent.local.ufrag != old.ufrag
    agent.on_check(a_check(agent, ufrag=old.ufrag, password=old.password), HERE, 1.0)
    agent.on_check(a_check(agent, nominate=False), THERE, 1.1)
    assert agent.selected == HERE
    agent.on_check(a_check(agent), THERE, 1.2)
    assert agent.selected == THERE
    with pytest.raises(Rejected, match="stun_unknown_ufrag"):
        agent.on_check(a_check(agent, ufrag=old.ufrag, password=old.password), HERE, 1.3)


def test_many_restarts_never_cut_off_the_credentials_in_use() -> None:
    agent = Net().agent()
    used = agent.local
    agent.on_check(a_check(agent), HERE, 0.0)
    for _ in range(10):
        agent.restart()
    assert agent.on_check(a_check(agent, ufrag=used.ufrag, password=used.password), HERE, 1.0)


def test_the_address_of_a_live_peer_cannot_be_taken() -> None:
    net = Net()
    anna, thief = net.agent(), net.agent()
    anna.on_check(a_check(anna), HERE, 0.0)
    with pytest.raises(Rejected, match="stun_address_of_another_peer"):
        thief.on_check(a_check(thief), HERE, STALE_AFTER_S - 1)
    assert net.bindings[HERE] is anna


def test_the_address_of_a_silent_or_closed_peer_can() -> None:
    net = Net()
    anna, berta, carla = net.agent(), net.agent(), net.agent()
    anna.on_check(a_check(anna), HERE, 0.0)
    berta.on_check(a_check(berta), HERE, STALE_AFTER_S + 1)
    assert net.bindings[HERE] is berta
    assert anna.selected is None
    berta.close()
    carla.on_check(a_check(carla), HERE, STALE_AFTER_S + 1.1)
    assert net.bindings == {HERE: carla}


def test_bound_addresses_are_capped_and_the_selected_one_is_kept() -> None:
    net = Net()
    agent = net.agent()
    agent.on_check(a_check(agent), HERE, 0.0)
    for port in range(20):
        agent.on_check(a_check(agent, nominate=False), Path(3, ("192.0.2.9", port)), 0.1 + port / 100)
    assert len(net.bindings) == MAX_PATHS
    assert agent.selected == HERE
    agent.close()
    assert not net.bindings
