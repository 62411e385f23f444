"""How much one sender may send: what browsers do passes, a flood does not, and time gives back what was used."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.sfu.ceiling import BURST_S, RTCP_RATE, VIDEO_BPS, Ceiling, Rate, track_rate
from signaling.media.sfu.settings import Limit, MediaPolicy

POLICY = MediaPolicy()
AUDIO, VIDEO = track_rate("audio", POLICY.microphone), track_rate("video", POLICY.camera)


def taken(rate: Rate, packets: int, size_bytes: int, every_s: float) -> int:
    ceiling = Ceiling(rate)
    return sum(ceiling.allows(size_bytes, number * every_s) for number in range(packets))


def test_what_browsers_send_passes_whole() -> None:
    assert taken(AUDIO, 6_000, 160, 0.010) == 6_000, "sound in frames of 10 ms at 128 kbit/s"
    assert taken(VIDEO, 6_000, 1_200, 0.0025) == 6_000, "a shared screen at 3.8 Mbit/s"
    assert taken(RTCP_RATE, 6_000, 100, 0.002) == 6_000


def test_what_a_line_held_back_may_come_at_once() -> None:
    assert taken(AUDIO, 100, 160, 0.0) == 100
    assert taken(VIDEO, 500, 1_200, 0.0) == 500


def test_a_flood_is_cut_by_packets_and_by_bits() -> None:
    assert taken(AUDIO, 10_000, 60, 0.0001) <= AUDIO.packets_per_s * (1 + BURST_S)
    assert 8 * 1_200 * taken(VIDEO, 10_000, 1_200, 0.0001) <= VIDEO.bits_per_s * (1 + BURST_S)


def test_a_site_that_allows_more_is_not_cut_below_it() -> None:
    assert VIDEO.bits_per_s == VIDEO_BPS
    assert track_rate("video", Limit(8_000_000, 1080)).bits_per_s == 16_000_000


@given(st.lists(st.tuples(st.integers(12, 1_500), st.floats(0, 0.5)), max_size=200))
def test_over_any_time_no_more_passes_than_rate_and_burst(packets: list[tuple[int, float]]) -> None:
    ceiling, now_s, passed, bits = Ceiling(Rate(50, 100_000)), 0.0, 0, 0
    for size_bytes, pause_s in packets:
        now_s += pause_s
        if ceiling.allows(size_bytes, now_s):
            passed, bits = passed + 1, bits + 8 * size_bytes
    assert passed <= 50 * (now_s + BURST_S) + 1
    assert bits <= 100_000 * (now_s + BURST_S) + 1


def test_a_clock_that_steps_back_gives_nothing() -> None:
    ceiling = Ceiling(Rate(1, 100_000))
    assert [ceiling.allows(100, now_s) for now_s in (10.0, 10.0, 10.0, 5.0, 5.0)] == [True, True, False, False, False]
