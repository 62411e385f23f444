"""The private names of aiortc and pylibsrtp that `dtls.py` stands on. If this fails: aiortc changed, see dtls.py."""

import inspect
from importlib.metadata import version

import pylibsrtp
from aiortc import RTCCertificate, RTCDtlsTransport
from aiortc.rtcdtlstransport import SRTP_PROFILES
from pylibsrtp import _binding

from signaling.media.sfu.dtls import SharedCertificate

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


def test_one_context_serves_every_handshake() -> None:
    certificate = SharedCertificate.generateCertificate()
    assert certificate._create_ssl_context(SRTP_PROFILES) is certificate._create_ssl_context(SRTP_PROFILES)
    assert certificate.fingerprint.algorithm == "sha-256"
