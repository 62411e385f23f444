"""The place where anybody with a link may try whether their packets get here."""

import pytest

from signaling.media.sfu.ice import Path
from signaling.media.sfu.probe import ANSWERS_PER_S, ProbeAgent
from signaling.media.sfu.stun import Rejected, parse_check
from signaling.media.sfu.udp import random_ice_chars
from tests.checks import check_of

HERE = Path(3, ("192.0.2.1", 1000))


def test_a_signed_check_is_answered_with_less_than_was_sent() -> None:
    probe = ProbeAgent(random_ice_chars)
    datagram = check_of(*probe.local)
    assert 0 < len(probe.on_check(parse_check(datagram), HERE, 0.0)) < len(datagram)


def test_a_check_with_another_password_or_name_is_not_answered() -> None:
    probe = ProbeAgent(random_ice_chars)
    for ufrag, password in ((probe.local.ufrag, "w" * 32), (f"{probe.id}0001", probe.local.password)):
        with pytest.raises(Rejected):
            probe.on_check(parse_check(check_of(ufrag, password)), HERE, 0.0)


def test_there_are_only_so_many_answers_in_a_second() -> None:
    probe = ProbeAgent(random_ice_chars)
    check = parse_check(check_of(*probe.local))
    for _ in range(ANSWERS_PER_S):
        assert probe.on_check(check, HERE, 7.1)
    with pytest.raises(Rejected, match="probe_busy"):
        probe.on_check(check, HERE, 7.9)
    assert probe.on_check(check, HERE, 8.0)
