"""The made-up media must be what a browser's decoder takes: everything else in the tests stands on it."""

from collections.abc import Iterator

import av
from av import VideoFrame

from recordings.packetise import RtpStream
from recordings.synthetic import picture, tone, voice
from signaling.media.port import INLET_LEVEL_ID
from signaling.media.sfu.rtp import extension, payload_start


def decoded(frames: list[bytes]) -> Iterator[VideoFrame]:
    decoder = av.CodecContext.create("vp8", "r")
    for frame in frames:
        yield from decoder.decode(av.Packet(frame))


def test_every_picture_decodes_and_a_key_frame_opens_every_second() -> None:
    frames = picture(2, 320, 180, 25, seed=3)
    shown = list(decoded(frames))
    assert [(frame.width, frame.height) for frame in shown] == [(320, 180)] * 50
    assert [number for number, frame in enumerate(frames) if frame[0] & 1 == 0] == [0, 25]


def test_pictures_of_two_seeds_differ() -> None:
    assert picture(0.2, 160, 90, 10, seed=1) != picture(0.2, 160, 90, 10, seed=2)


def test_a_tone_is_louder_than_silence() -> None:
    def loudness(hz: int) -> int:
        decoder = av.CodecContext.create("opus", "r")
        decoder.sample_rate, decoder.layout = 48_000, "stereo"
        heard = b"".join(
            bytes(frame.planes[0]) for packet in tone(0.5, hz) for frame in decoder.decode(av.Packet(packet))
        )
        return sum(1 for sample in memoryview(heard).cast("f") if abs(sample) > 0.02)

    assert loudness(0) == 0
    assert loudness(440) > 10_000


def test_a_voice_says_how_loud_it_is_while_it_speaks_and_pauses() -> None:
    levels = [sound.level_dbov for sound in voice(1, 1, 440)]
    assert set(levels[:45]) == {24}  # 3,000 of 32,768, by root mean square
    assert set(levels[55:]) == {127}


def test_the_level_stands_beside_the_sound_where_the_media_engine_looks_for_it() -> None:
    stream = RtpStream(ssrc=7, payload_type=111)
    loud, silent, untold = (stream.opus(b"voice", 0, level) for level in (24, 127, None))
    assert [extension(packet, INLET_LEVEL_ID) for packet in (loud, silent, untold)] == [b"\x98", b"\x7f", None]
    assert {packet[payload_start(packet) :] for packet in (loud, silent, untold)} == {b"voice"}


def test_a_large_frame_is_split_and_only_its_last_packet_has_the_marker() -> None:
    stream = RtpStream(ssrc=7, payload_type=96, sequence=0xFFFF)
    packets = stream.vp8(bytes(2_500), rtp_time=90_000)
    assert [len(packet) - 16 for packet in packets] == [1_100, 1_100, 300]
    assert [packet[1] >> 7 for packet in packets] == [0, 0, 1]
    assert [int.from_bytes(packet[2:4]) for packet in packets] == [0xFFFF, 0, 1]
