"""Binding requests: read as another implementation writes them, and nothing else accepted."""

import binascii
import contextlib

import pytest
from aioice import stun
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.media.sfu.stun import FINGERPRINT_XOR, Check, Rejected, parse_check, success

PASSWORD = "p" * 32


def a_check(nominate: bool = True, password: str = PASSWORD, **more: object) -> bytes:
    attributes: dict[str, object] = {"USERNAME": "ours:theirs", "PRIORITY": 1, "ICE-CONTROLLING": 7, **more}
    if nominate:
        attributes["USE-CANDIDATE"] = None
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
    message.add_message_integrity(password.encode())
    return bytes(message)


def test_a_check_says_whom_it_is_for_and_whether_it_nominates() -> None:
    check = parse_check(a_check())
    assert (check.ufrag, check.nominates) == ("ours", True)
    assert not parse_check(a_check(nominate=False)).nominates


def test_only_the_right_password_signs_a_check() -> None:
    check = parse_check(a_check())
    assert check.is_signed_with(PASSWORD)
    assert not check.is_signed_with("q" * 32)


@pytest.mark.parametrize(
    ("host", "port", "told"),
    [
        ("192.0.2.7", 4321, ("192.0.2.7", 4321)),
        ("2001:db8::7", 65_535, ("2001:db8::7", 65_535)),
        ("::ffff:192.0.2.7", 1, ("192.0.2.7", 1)),
        ("fe80::1%eth0", 5000, ("fe80::1", 5000)),
    ],
)
def test_the_answer_tells_the_peer_where_it_was_seen_and_is_signed(host: str, port: int, told: tuple[str, int]) -> None:
    check = parse_check(a_check())
    answer = stun.parse_message(success(check, host, port, PASSWORD))
    assert answer.message_class == stun.Class.RESPONSE
    assert answer.transaction_id == check.transaction
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == told
    assert answer.check_message_integrity(PASSWORD.encode())
    assert "FINGERPRINT" in answer.attributes


def test_an_unsigned_request_is_rejected() -> None:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": "ours:theirs"})
    with pytest.raises(Rejected, match=r"stun_(size|fingerprint)"):
        parse_check(bytes(message))


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_a_signature_that_is_cut_short_is_none(cut: int) -> None:
    whole = a_check()[:-8]  # without its checksum
    body = whole[:2] + (len(whole) - cut - 12).to_bytes(2) + whole[4:-cut]
    checksum = binascii.crc32(body) ^ FINGERPRINT_XOR
    with pytest.raises(Rejected, match="stun_unsigned"):
        parse_check(body + b"\x80\x28\x00\x04" + checksum.to_bytes(4))


def test_a_check_with_a_hundred_attributes_is_not_read_to_its_end() -> None:
    """Control: `_MAX_ATTRIBUTES`. Anybody may write a checksum; 120 empty attributes took 30 µs to look through."""
    usual = a_check()
    attributes = usual[20:-8]
    stuffed = b"\x80\x22\x00\x00" * 100 + attributes
    body = usual[:2] + (len(stuffed) + 8).to_bytes(2) + usual[4:20] + stuffed
    checksum = binascii.crc32(body) ^ FINGERPRINT_XOR
    with pytest.raises(Rejected, match="stun_unsigned"):
        parse_check(body + b"\x80\x28\x00\x04" + checksum.to_bytes(4))


def test_an_answer_is_no_check() -> None:
    with pytest.raises(Rejected, match="stun_not_a_check"):
        parse_check(success(parse_check(a_check()), "192.0.2.7", 1, PASSWORD))


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_a_check_or_rejected(datagram: bytes) -> None:
    with contextlib.suppress(Rejected):
        assert isinstance(parse_check(datagram), Check)


@settings(deadline=None)
@given(st.data())
def test_a_check_with_changed_bytes_is_rejected_or_unsigned(data: st.DataObject) -> None:
    good = a_check()
    at = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        check = parse_check(bytes(changed))
    except Rejected:
        return
    assert not check.is_signed_with(PASSWORD)


def test_a_transaction_is_not_mistaken_for_another() -> None:
    assert parse_check(a_check()).transaction != parse_check(a_check()).transaction
