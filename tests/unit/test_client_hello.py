"""The gate before a DTLS handshake, with OpenSSL as the client."""

from typing import cast

import pytest
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from signaling.media.sfu.client_hello import HelloGate, Verdict, is_hello_verify_request, opening

COOKIE = b"0123456789abcdefghij"


class Client:
    """A DTLS client; a long hello comes in two fragments, as those of browsers do."""

    def __init__(self, long: bool = False) -> None:
        self._ssl = SSL.Connection(RTCCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES))
        self._ssl.set_connect_state()
        self._ssl.set_ciphertext_mtu(300)
        if long:
            self._ssl.set_alpn_protos([b"a" * 200])

    def says(self, heard: bytes = b"") -> list[bytes]:
        """Its next records, having heard this."""
        if heard:
            self._ssl.bio_write(heard)
        with pytest.raises(SSL.WantReadError):
            self._ssl.do_handshake()
        flight, records = self._ssl.bio_read(65_536), []
        while flight:
            size = 13 + int.from_bytes(flight[11:13])
            records.append(flight[:size])
            flight = flight[size:]
        return records


@pytest.mark.parametrize("long", [False, True])
def test_a_first_hello_is_answered_and_the_second_one_passes(long: bool) -> None:
    gate, client = HelloGate(COOKIE), Client(long)
    first = client.says()
    assert {gate.judge(record) for record in first} == {Verdict.ANSWER}
    second = client.says(gate.answer)
    assert len(second) == 1 + long
    assert [gate.judge(record) for record in second] == [Verdict.PASS] * len(second)


def test_a_hello_without_our_cookie_neither_passes_nor_is_answered() -> None:
    stranger = Client()
    stranger.says()
    (hello,) = stranger.says(HelloGate(b"another" * 2).answer)
    assert HelloGate(COOKIE).judge(hello) is Verdict.DROP


def test_a_later_fragment_does_not_pass_before_the_one_with_the_cookie() -> None:
    gate, client = HelloGate(COOKIE), Client(long=True)
    client.says()
    first, later = client.says(gate.answer)
    assert [gate.judge(record) for record in (later, first, later)] == [Verdict.DROP, Verdict.PASS, Verdict.PASS]


def test_once_open_a_first_hello_is_neither_answered_nor_passed() -> None:
    gate, client = HelloGate(COOKIE), Client()
    (first,) = client.says()
    (second,) = client.says(gate.answer)
    assert gate.judge(second) is Verdict.PASS
    assert gate.judge(first) is Verdict.DROP


def test_an_alert_that_anybody_could_write_is_dropped_and_one_under_keys_passes() -> None:
    gate, client = HelloGate(COOKIE), Client()
    client.says()
    gate.judge(*client.says(gate.answer))
    alert = b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x01\x00\x02\x02\x28"
    assert gate.judge(alert) is Verdict.DROP
    assert gate.judge(alert[:3] + b"\x00\x01" + alert[5:]) is Verdict.PASS


@given(st.binary(max_size=200), st.booleans())
def test_noise_is_judged_and_never_opens_the_gate(noise: bytes, as_record: bool) -> None:
    gate = HelloGate(COOKIE)
    record = b"\x16\xfe\xfd" + bytes(8) + len(noise).to_bytes(2) + noise if as_record else noise
    assert gate.judge(record) in (Verdict.DROP, Verdict.ANSWER)
    assert gate.judge(b"\x14\xfe\xfd" + bytes(8) + b"\x00\x01\x01") is Verdict.DROP


def test_openssl_takes_our_opening_as_a_first_hello() -> None:
    context = RTCCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES)
    context.set_options(cast(int, SSL.OP_COOKIE_EXCHANGE))
    context.set_cookie_generate_callback(lambda connection: COOKIE)
    server = SSL.Connection(context)
    server.set_accept_state()
    server.bio_write(opening())
    with pytest.raises(SSL.WantReadError):
        server.do_handshake()
    request = server.bio_read(65_536)
    assert is_hello_verify_request(request)
    assert request == HelloGate(COOKIE).answer, "ours is what OpenSSL would write"
