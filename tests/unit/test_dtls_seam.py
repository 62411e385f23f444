"""The private names of aiortc and pylibsrtp that `dtls.py` stands on. If this fails: aiortc changed, see dtls.py."""

import inspect
from importlib.metadata import version
from pathlib import Path

import pylibsrtp
from aiortc import RTCCertificate, RTCDtlsTransport
from aiortc.rtcdtlstransport import SRTP_PROFILES
from OpenSSL import SSL
from pylibsrtp import _binding

from signaling.media.sfu.client_hello import COOKIE_BYTES, opening
from signaling.media.sfu.dtls import CIPHER_SUITES, INBOX, DtlsTransport, SharedCertificate

CHANGED = "aiortc changed, see dtls.py"


def test_the_versions_are_those_that_were_read() -> None:
    assert version("aiortc") == "1.16.0", CHANGED
    assert version("aioice") == "0.13.0", CHANGED
    assert version("pylibsrtp") == "1.0.0", CHANGED


def test_the_transport_still_has_the_hooks() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    for name in ("self._rx_srtp = Session(", "self._tx_srtp = Session(", "def _set_role(self, role"):
        assert name in source, CHANGED
    assert list(inspect.signature(RTCDtlsTransport.start).parameters) == ["self", "remoteParameters"], CHANGED
    assert list(inspect.signature(RTCCertificate._create_ssl_context).parameters) == ["self", "srtp_profiles"], CHANGED


def test_the_transport_uses_of_its_ice_object_only_what_we_provide() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    used = {part.split("(")[0].split(" ")[0].rstrip(":") for part in source.split("self.transport.")[1:]}
    assert {name.split(")")[0].split(",")[0].strip() for name in used} == {"role", "_recv", "_send"}, CHANGED


def test_stopping_never_waits_when_sending_does_not() -> None:
    awaited = [line for line in inspect.getsource(RTCDtlsTransport.stop).splitlines() if "await" in line]
    assert [line.strip() for line in awaited] == ["await self._write_ssl()"], CHANGED


def test_the_srtp_library_still_has_the_functions() -> None:
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        assert callable(getattr(_binding.lib, name)), CHANGED
    assert "self._srtp" in inspect.getsource(pylibsrtp.Session.__init__), CHANGED


async def test_records_wait_in_a_bounded_inbox_and_none_before_the_cookie_came_back() -> None:
    """Controls: `INBOX` and `HelloGate` (F2): aioice keeps whatever anybody sends, without bound."""
    sent: list[bytes] = []
    transport = DtlsTransport(
        SharedCertificate.generateCertificate(), lambda datagram: sent.append(bytes(datagram)), print, print, print
    )
    inbox = transport._records._inbox
    before = inbox.qsize()
    for _ in range(10 * INBOX):
        transport.on_datagram(memoryview(bytearray(b"\x16\xfe\xfd" + bytes(40))))
    assert inbox.qsize() == before
    assert sent == []
    first, cookie = opening(), transport._gate.answer[-COOKIE_BYTES:]
    hello = first[13:17] + b"\x00\x01" + first[19:60] + bytes([COOKIE_BYTES]) + cookie + first[61:]
    transport.on_datagram(memoryview(bytearray(first[:11] + len(hello).to_bytes(2) + hello)))
    assert inbox.qsize() == before + 1
    for _ in range(10 * INBOX):
        transport.on_datagram(memoryview(bytearray(b"\x16\xfe\xfd\x00\x01" + bytes(6) + b"\x00\x28" + bytes(40))))
    assert inbox.qsize() == INBOX
    transport.close()


def test_the_key_of_dtls_is_of_this_process_alone_and_never_leaves_it() -> None:
    """Control: `generateCertificate` at the start of an engine (ASVS 17.2.1); none is read from a file."""
    fingerprints = {SharedCertificate.generateCertificate().fingerprint for _ in range(20)}
    assert len(fingerprints) == 20
    sources = [path.read_text() for path in Path("signaling").rglob("*.py")]
    assert not [text for text in sources if "BEGIN" in text or "load_pem" in text or "private_bytes" in text]
    assert [text.count("generateCertificate()") for text in sources if "SharedCertificate." in text] == [1]


def test_only_strong_ciphers_and_protection_profiles_are_offered() -> None:
    """Control: `CIPHER_SUITES` (ASVS 17.2.2); aiortc would take CBC with SHA-1, and with it DTLS 1.0."""
    connection = SSL.Connection(SharedCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES))
    suites = {suite for suite in connection.get_cipher_list() if not suite.startswith("TLS_")}  # those of TLS 1.3
    assert suites == set(CIPHER_SUITES)
    assert all(suite.startswith("ECDHE-ECDSA-") and ("GCM" in suite or "POLY1305" in suite) for suite in suites)
    profiles = [profile.openssl_profile for profile in SRTP_PROFILES]
    assert profiles == [b"SRTP_AEAD_AES_256_GCM", b"SRTP_AEAD_AES_128_GCM", b"SRTP_AES128_CM_SHA1_80"]


def test_one_context_serves_every_handshake() -> None:
    certificate = SharedCertificate.generateCertificate()
    assert certificate._create_ssl_context(SRTP_PROFILES) is certificate._create_ssl_context(SRTP_PROFILES)
    assert certificate.fingerprint.algorithm == "sha-256"
