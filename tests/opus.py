"""What an Opus packet says of itself without being decoded: RFC 6716, 3.1 (its first byte) and 4.2.3, 4.2.4 (LBRR)."""

_CELT_FROM = 16  # configurations below are SILK alone, or SILK beneath CELT
_FRAMES_OF_20_MS = (1, 1, 2, 3)  # that SILK makes of 10, 20, 40 and 60 ms


def is_silk(payload: bytes) -> bool:
    """Whether it holds speech as SILK codes it, which alone can have forward error correction."""
    return len(payload) > 1 and payload[0] >> 3 < _CELT_FROM


def has_fec(payload: bytes) -> bool:
    """Whether its first frame repeats the one before it, coded low: the LBRR flag behind the flags of activity.

    The range coder is not needed: the first symbols are bits of even chance, which lie open in the first byte.
    """
    if not is_silk(payload):
        return False
    configuration, stereo, code = payload[0] >> 3, payload[0] >> 2 & 1, payload[0] & 3
    assert code == 0, "one frame, which begins in the second byte"
    flags = 1 + (_FRAMES_OF_20_MS[configuration & 3] if configuration < 12 else 1)
    channels = [payload[1] >> (8 - flags * channel) & 1 for channel in range(1, 2 + stereo)]
    return any(channels)
