"""What we take of a publisher's offer beyond codecs: feedback for its congestion control, and repeated sound. Pure.

The answer says it (`sdp_writer.py`) and the connection keeps to it (`up.py`), so both ask here.
"""

from signaling.media.port import Source
from signaling.media.sfu.sdp import MediaSection, SessionDescription
from signaling.media.sfu.twcc import TRANSPORT_CC_URI

RED = "red/48000/2"
RED_SOURCES = (Source.MIC,)  # a screen's sound at 128 kbit/s is too much to send twice


def transport_cc_extension(offer: SessionDescription) -> int | None:
    """The identifier under which packets carry transport-wide numbers, or None: then REMB says how much may be sent.

    All m-lines that are in use must offer it under one identifier, or a sender would hear of some of its packets only.
    """
    used = [s for s in offer.sections if s.kind in ("audio", "video") and (s.port or s.bundle_only)]
    identifiers = {section.extension(TRANSPORT_CC_URI) if section.transport_cc else None for section in used}
    return identifiers.pop() if len(identifiers) == 1 else None


def red_payload_type(section: MediaSection, source: Source, opus: int) -> int | None:
    """The offered payload type of RED that repeats this Opus and nothing else, or None."""
    if source not in RED_SOURCES:
        return None
    red = (kind for kind in section.payload_types if section.codecs.get(kind, "").lower() == RED)
    return next((kind for kind in red if section.red.get(kind) == {opus}), None)
