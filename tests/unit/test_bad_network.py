"""The model of a bad line: its statistics, its promises about time and order, and what it says of packets."""

import statistics
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.bad_network.model import Cause, Channel, Fate
from tests.bad_network.nat import Nat
from tests.bad_network.packets import MORE_FRAGMENTS, TCP, UDP, checksum, fragments, header_v4, headers, udp_packet
from tests.bad_network.profiles import Bursts, Impairments, Way, both_ways, one_way, profiles

PERSON, SERVER, PERSON_6, SERVER_6 = "100.64.0.2", "100.64.0.1", "2001:db8::2", "2001:db8::1"
EVERY_20_MS = 0.02
STANDARD_DEVIATIONS = 5  # one seed in a million is further off

bursts = st.builds(Bursts, enter=st.floats(0.01, 1), leave=st.floats(0.01, 1), loss=st.floats(0.01, 1))
impairments = st.builds(
    Impairments,
    mtu=st.none() | st.integers(1280, 1500),
    loss=st.floats(0, 1),
    bursts=st.none() | bursts,
    duplicates=st.floats(0, 1),
    reordered=st.floats(0, 1),
    reordered_by_ms=st.floats(0, 500),
    rate_kbit_s=st.none() | st.floats(10, 50_000),
    queue_ms=st.floats(0, 2000),
    delay_ms=st.floats(0, 1000),
    jitter_ms=st.floats(0, 200),
)
waits = st.lists(st.floats(0, 0.5), min_size=1, max_size=60)


def packet(size: int = 200, *, version: int = 4, port: int = 42_000, way: Way = Way.UP, whole: bool = True) -> bytes:
    """A datagram of `size` bytes, headers and all; `port` is the server's."""
    person, server = (PERSON, SERVER) if version == 4 else (PERSON_6, SERVER_6)
    ends = ((person, 50_000), (server, port))
    source, destination = ends if way is Way.UP else ends[::-1]
    return udp_packet(source, destination, bytes(size - (28 if version == 4 else 48)), whole=whole)


def channel(seed: int = 1, way: Way = Way.UP, **said: Any) -> Channel:
    return Channel(way, Impairments(**said), seed)


def run(line: Channel, times_s: Sequence[float], size: int = 200) -> list[Fate]:
    sent = packet(size)
    return [line.take(sent, at_s) for at_s in times_s]


def evenly(count: int, step_s: float = EVERY_20_MS) -> list[float]:
    return [number * step_s for number in range(count)]


def dropped(fates: Sequence[Fate]) -> list[int]:
    return [number for number, fate in enumerate(fates) if fate.dropped]


def delays_ms(fates: Sequence[Fate], times_s: Sequence[float]) -> list[float]:
    return [1000 * (fate.deliveries[0][0] - at_s) for fate, at_s in zip(fates, times_s, strict=True) if fate.deliveries]


def is_about(found: float, expected: float, deviation: float) -> bool:
    return abs(found - expected) <= STANDARD_DEVIATIONS * deviation


@given(impairments, waits, st.integers(0, 100))
def test_the_same_seed_and_times_give_the_same_fates(setting: Impairments, gaps: list[float], seed: int) -> None:
    times = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    first, second = (run(Channel(Way.UP, setting, seed), times, 1300) for _ in range(2))
    assert first == second


@given(impairments, waits)
def test_nothing_arrives_before_it_was_sent_and_whoever_arrives_is_whole(
    setting: Impairments, gaps: list[float]
) -> None:
    line, now_s = Channel(Way.DOWN, setting, 3), 0.0
    for gap in gaps:
        now_s += gap
        sent = packet(way=Way.DOWN)
        fate = line.take(sent, now_s)
        assert bool(fate.deliveries) is (fate.dropped is None)
        assert len(fate.deliveries) <= 2
        assert all(at_s >= now_s and arrived == sent for at_s, arrived in fate.deliveries)


@given(impairments, waits)
def test_jitter_alone_never_changes_the_order(setting: Impairments, gaps: list[float]) -> None:
    line = Channel(Way.UP, setting.model_copy(update={"reordered": 0}), 3)
    times = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    arrivals = [at_s for fate in run(line, times) for at_s, _ in fate.deliveries]
    assert arrivals == sorted(arrivals)


@given(st.floats(0, 1), st.floats(0, 1), impairments)
def test_a_higher_loss_only_adds_to_a_lower_one(one: float, other: float, setting: Impairments) -> None:
    free = setting.model_copy(update={"rate_kbit_s": None})  # a queue remembers who came before

    def lost(share: float) -> set[int]:
        return set(dropped(run(Channel(Way.UP, free.model_copy(update={"loss": share}), 9), evenly(60))))

    assert lost(min(one, other)) <= lost(max(one, other))


@given(st.floats(20, 20_000), st.floats(0, 1000), waits, st.integers(60, 1500))
def test_no_more_than_the_rate_passes_and_nobody_waits_longer_than_the_queue(
    rate_kbit_s: float, queue_ms: float, gaps: list[float], size: int
) -> None:
    line = channel(rate_kbit_s=rate_kbit_s, queue_ms=queue_ms)
    times = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    fates = run(line, times, size)
    takes_s = size * 8 / (rate_kbit_s * 1000)
    arrivals = [at_s for fate in fates for at_s, _ in fate.deliveries]
    assert all(later - earlier >= takes_s * 0.999 - 1e-9 for earlier, later in pairwise(arrivals))
    assert all(delay <= queue_ms + takes_s * 1000 + 1e-6 for delay in delays_ms(fates, times))
    assert {fate.dropped for fate in fates} <= {None, Cause.QUEUE_FULL}


@given(st.lists(impairments, min_size=1, max_size=8), waits)
def test_a_line_may_change_at_any_moment(settings: list[Impairments], gaps: list[float]) -> None:
    line, now_s = Channel(Way.UP, settings[0], 4), 0.0
    for number, gap in enumerate(gaps):
        line.impairments = settings[number % len(settings)]
        now_s += gap
        assert all(at_s >= now_s for at_s, _ in line.take(packet(), now_s).deliveries)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.10, 0.20])
def test_losses_are_as_many_as_said(share: float) -> None:
    count = 20_000
    lost = len(dropped(run(channel(loss=share), evenly(count))))
    assert is_about(lost, share * count, (count * share * (1 - share)) ** 0.5)


def test_another_seed_loses_others() -> None:
    first, second = (set(dropped(run(channel(seed, loss=0.1), evenly(1000)))) for seed in (1, 2))
    assert len(first & second) < len(first) / 2


def test_each_way_has_its_own_luck() -> None:
    up, down = channel(loss=0.5), channel(way=Way.DOWN, loss=0.5)
    fates = [(up.take(packet(), at_s), down.take(packet(way=Way.DOWN), at_s)) for at_s in evenly(50)]
    assert dropped([fate for fate, _ in fates]) != dropped([fate for _, fate in fates])


def test_bursts_are_as_long_and_as_frequent_as_said() -> None:
    count, model = 40_000, Bursts(enter=0.01, leave=0.2, loss=1)
    lost = set(dropped(run(channel(bursts=model), evenly(count))))
    begins = [number for number in lost if number - 1 not in lost]
    assert len(lost) / count == pytest.approx(model.mean_loss, rel=0.1)
    assert len(lost) / len(begins) == pytest.approx(1 / model.leave, rel=0.1)


def test_alone_lost_packets_are_not_bursts() -> None:
    lost = set(dropped(run(channel(loss=0.05), evenly(20_000))))
    begins = [number for number in lost if number - 1 not in lost]
    assert len(lost) / len(begins) < 1.1


def test_delay_and_jitter_have_the_mean_and_the_deviation_that_were_said() -> None:
    times = evenly(20_000, 0.2)  # far enough apart that none waits for the one before
    delays = delays_ms(run(channel(delay_ms=200, jitter_ms=30), times), times)
    assert statistics.mean(delays) == pytest.approx(200, abs=2)
    assert statistics.stdev(delays) == pytest.approx(30, rel=0.05)


def test_packets_that_follow_each_other_closely_are_delayed_alike() -> None:
    times = evenly(2000, 0.001)
    delays = delays_ms(run(channel(delay_ms=200, jitter_ms=30), times), times)
    steps = [abs(later - earlier) for earlier, later in pairwise(delays)]
    assert statistics.mean(steps) < 5


def test_the_reordered_are_overtaken_and_hold_up_nobody() -> None:
    times = evenly(10_000)
    fates = run(channel(delay_ms=50, reordered=0.1, reordered_by_ms=45), times)
    late = [delay for delay in delays_ms(fates, times) if delay > 60]
    assert len(late) == pytest.approx(1000, rel=0.15)
    assert {round(delay) for delay in delays_ms(fates, times)} == {50, 95}


def test_duplicates_are_as_many_as_said() -> None:
    fates = run(channel(duplicates=0.1), evenly(10_000))
    assert sum(len(fate.deliveries) == 2 for fate in fates) == pytest.approx(1000, rel=0.15)


def test_a_full_queue_drops_those_who_come_last() -> None:
    fates = run(channel(rate_kbit_s=100, queue_ms=100), [0.0] * 20, size=250)  # 20 ms each
    assert dropped(fates) == list(range(6, 20))
    assert fates[6].dropped is Cause.QUEUE_FULL


@pytest.mark.parametrize("way", Way)
def test_a_port_of_the_server_is_blocked_in_either_direction(way: Way) -> None:
    line = channel(way=way, udp_ports_blocked=(3478,))
    assert line.take(packet(port=3478, way=way), 0.0).dropped is Cause.UDP_BLOCKED
    assert line.take(packet(port=3479, way=way), 0.0).deliveries


@pytest.mark.parametrize("version", [4, 6])
def test_blocked_udp_and_versions(version: int) -> None:
    sent = packet(version=version)
    assert channel(udp_blocked=True).take(sent, 0.0).dropped is Cause.UDP_BLOCKED
    assert channel(ip_versions=(version,)).take(sent, 0.0).deliveries
    assert channel(ip_versions=(10 - version,)).take(sent, 0.0).dropped is Cause.IP_VERSION
    assert channel(cut=True).take(sent, 0.0).dropped is Cause.CUT


def test_tcp_passes_to_the_open_ports_only() -> None:
    def tcp(port: int) -> bytes:
        ends = b"\xc3\x50" + port.to_bytes(2) + bytes(16)
        return header_v4(TCP, b"\x64\x40\x00\x02", b"\x64\x40\x00\x01", len(ends)) + ends

    line = channel(tcp_ports_open=(443,))
    assert line.take(tcp(443), 0.0).deliveries
    assert line.take(tcp(8443), 0.0).dropped is Cause.TCP_BLOCKED
    assert line.take(packet(), 0.0).deliveries, "that is not TCP"


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"\x45",
        b"\x00" * 60,
        udp_packet((PERSON, 5353), ("224.0.0.251", 5353), b""),
        udp_packet((PERSON, 1), ("169.254.1.1", 1), b""),
        udp_packet((PERSON_6, 5353), ("ff02::fb", 5353), b""),
        udp_packet((PERSON_6, 1), ("fe80::1", 1), b""),
    ],
)
def test_what_no_router_passes_on_does_not_arrive_and_moves_no_luck(noise: bytes) -> None:
    quiet, noisy = channel(loss=0.5), channel(loss=0.5)
    assert noisy.take(noise, 0.0).dropped is Cause.NOT_ROUTED
    assert run(noisy, evenly(30)) == run(quiet, evenly(30))


@pytest.mark.parametrize(("version", "icmp"), [(4, (1, 3, 4)), (6, (58, 2, 0))])
def test_what_is_too_long_is_answered_with_the_length_that_passes(version: int, icmp: tuple[int, int, int]) -> None:
    sent = packet(1400, version=version)
    fate = channel(mtu=1280).take(sent, 0.0)
    assert fate.dropped is Cause.TOO_LONG
    assert fate.answer
    begin = 20 if version == 4 else 40
    answer = headers(fate.answer)
    assert (answer.protocol, *fate.answer[begin : begin + 2]) == icmp
    assert int.from_bytes(fate.answer[begin + 6 : begin + 8]) == 1280
    assert sent.startswith(fate.answer[begin + 8 :])
    assert len(fate.answer) <= (576 if version == 4 else 1280)
    assert channel(mtu=1280).take(packet(1280, version=version), 0.0).deliveries


def test_a_line_that_does_not_tell_lets_too_long_packets_vanish() -> None:
    assert channel(mtu=1280, mtu_told=False).take(packet(1400), 0.0) == Fate(dropped=Cause.TOO_LONG)


@given(st.integers(20, 8000), st.integers(1280, 1500))
def test_what_may_be_cut_arrives_in_pieces_that_make_the_whole(payload: int, mtu: int) -> None:
    whole = packet(28 + payload, whole=False)
    pieces = fragments(whole, mtu)
    joined = b"".join(piece[20:] for piece in sorted(pieces, key=lambda piece: int.from_bytes(piece[6:8]) & 0x1FFF))
    assert joined == whole[20:]
    assert all(len(piece) <= mtu and checksum(piece[:20]) == b"\0\0" for piece in pieces)
    assert [bool(int.from_bytes(piece[6:8]) & MORE_FRAGMENTS) for piece in pieces] == [True] * (len(pieces) - 1) + [
        False
    ]
    assert headers(pieces[-1]).protocol == UDP
    assert all(headers(piece).destination_port is None for piece in pieces[1:])


def summed(version: int, source_port: int) -> bytes:
    """A packet of the person with its checksum, as a kernel sends it."""
    whole = packet(101, version=version)
    at = 20 if version == 4 else 40
    whole = whole[:at] + source_port.to_bytes(2) + whole[at + 2 :]
    return whole[: at + 6] + checksum(pseudo_header(whole, at) + whole[at:]) + whole[at + 8 :]


def pseudo_header(whole: bytes, at: int) -> bytes:
    """What the UDP checksum covers beside the datagram. RFC 768, RFC 8200 8.1."""
    return whole[at - (8 if at == 20 else 32) : at] + (len(whole) - at).to_bytes(4) + UDP.to_bytes(4)


@given(st.sampled_from((4, 6)), st.integers(1024, 65_535))
def test_after_a_rebinding_the_same_socket_is_another_port_and_the_one_before_is_nobody(version: int, own: int) -> None:
    nat, at, sent = Nat(), 20 if version == 4 else 40, summed(version, own)
    assert nat.translate(Way.UP, sent) == sent
    seen = own
    for _ in range(2):
        nat.rebind()
        up = nat.translate(Way.UP, sent)
        assert up
        before, seen = seen, headers(up).source_port or 0
        assert seen != before
        assert checksum(pseudo_header(up, at) + up[at:]) == b"\0\0"
        assert up[at + 8 :] == sent[at + 8 :]
        assert nat.translate(Way.DOWN, answer_to(before, version)) is None
        down = nat.translate(Way.DOWN, answer_to(seen, version))
        assert down
        assert headers(down).destination_port == own


def answer_to(port: int, version: int) -> bytes:
    """A packet of the server to the person's port."""
    person, server = (PERSON, SERVER) if version == 4 else (PERSON_6, SERVER_6)
    return udp_packet((server, 443), (person, port), b"x")


@given(st.binary(max_size=100))
def test_no_bytes_break_the_line(junk: bytes) -> None:
    Channel(Way.UP, Impairments(mtu=1280, udp_ports_blocked=(1,)), 1).take(junk, 0.0)


def test_the_file_has_the_lines_that_people_have() -> None:
    found = profiles()
    assert {
        "office",
        "home-wifi",
        "4g-train",
        "300-kbit",
        "lossy-cafe",
        "satellite",
        "company-firewall",
    } <= found.keys()
    assert {"loss-5", "loss-10", "loss-20", "mtu-1280", "ipv6-only"} <= found.keys()
    assert all(profile.about.endswith(".") for profile in found.values())
    assert [found[f"loss-{percent}"].up.loss for percent in (5, 10, 20)] == [0.05, 0.10, 0.20]
    assert found["ipv6-only"].ip_versions == {6}
    assert found["lossy-cafe"].up.rate_kbit_s != found["lossy-cafe"].down.rate_kbit_s


def test_a_way_that_says_nothing_else_is_like_both() -> None:
    assert both_ways(loss=0.1).down == Impairments(loss=0.1)
    assert one_way(Way.UP, loss=0.1).down == Impairments()
    assert both_ways(loss=0.1).cut(Way.UP).up == Impairments(loss=0.1, cut=True)


@pytest.mark.parametrize("wrong", [{"los": 0.1}, {"loss": 1.1}, {"mtu": 1000}, {"delay_ms": -1}])
def test_what_no_line_can_do_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        both_ways(**wrong)
