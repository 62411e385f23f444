"""One wall clock for everybody: packets put in order, clocks tied together, gaps told with their cause."""

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.errors import Damaged
from recordings.facts import read_facts
from recordings.intervals import Interval, difference, intersection, union
from recordings.rtp import Packet, RecordedPart, Unwrapped, in_order, parse
from recordings.spool import Entry, Kind, pack_dropped, pack_sender_report
from recordings.survey import Survey, survey
from recordings.timeline import Cause, Timeline, make_timeline, stream_clocks
from signaling.media.port import SeatId, TrackId
from tests import rtp_media
from tests.call_facts import Journal
from tests.rtp_media import START_NS, Sender

MIC, CAMERA, SCREEN = TrackId("alice.mic"), TrackId("alice.camera"), TrackId("alice.screen")
ALICE = SeatId("alice")
S = 1_000_000_000


def entries(packets: Iterable[rtp_media.Packet]) -> list[Entry]:
    return [
        Entry(packet.arrived_ns, Kind.RTP, packet.data)
        if packet.data
        else Entry(packet.arrived_ns, Kind.SENDER_REPORT, pack_sender_report(packet.ntp_time, packet.rtp_time))
        for packet in packets
    ]


def voice(seconds: float, start_s: float = 0.0, sender: Sender | None = None) -> list[Entry]:
    return entries((sender or Sender("alice")).audio([bytes(40)] * round(seconds * 50), start_s))


def look(*parts: list[Entry], rate: int = 48_000, runs: Iterable[int] = (1, 2, 3)) -> Survey:
    recorded = [RecordedPart((1, run), part) for run, part in zip(runs, parts, strict=False)]
    return survey(in_order(recorded), rate)


def packets_of(*parts: list[Entry]) -> list[Packet]:
    recorded = [RecordedPart((1, run), part) for run, part in enumerate(parts)]
    return [item for item in in_order(recorded) if isinstance(item, Packet)]


# --- order


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 200), st.integers(1, 40))
def test_late_and_repeated_packets_come_out_once_and_in_order(order: random.Random, count: int, late: int) -> None:
    sent = voice(count / 50)
    first, rest = sent[0], [entry for entry in sent[1:] if entry.kind == Kind.RTP]
    doubled = [entry for entry in rest for _ in range(order.choice((1, 1, 2)))]
    shuffled = sorted(range(len(doubled)), key=lambda index: index + order.uniform(0, late))
    arrivals = [doubled[index]._replace(arrived_ns=START_NS + at * S // 50) for at, index in enumerate(shuffled)]
    numbers = [packet.sequence for packet in packets_of([first, *arrivals])]
    assert numbers == list(range(numbers[0], numbers[0] + len(rest) + 1))


def test_a_packet_that_never_comes_holds_up_the_others_for_two_seconds_only() -> None:
    sent = voice(5)
    del sent[10]
    assert len(packets_of(sent)) == 249


@settings(deadline=None)
@given(st.integers(0, 2**16 - 1), st.lists(st.integers(-1_000, 1_000), max_size=50))
def test_a_counter_without_wraps_follows_every_step(start: int, steps: list[int]) -> None:
    counter, true = Unwrapped(16), start
    assert counter.take(start) == start
    for step in steps:
        true += step
        assert counter.take(true & 0xFFFF) == true


def test_a_new_ssrc_and_a_new_run_of_the_node_begin_new_stretches() -> None:
    before, after = voice(1), voice(1, 2, Sender("alice", ssrc=2000))
    assert {packet.stretch for packet in packets_of(before + after)} == {0, 1}
    assert {packet.stretch for packet in packets_of(before, before)} == {0, 1}


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_rtp_or_are_refused(data: bytes) -> None:
    try:
        header = parse(data)
    except Damaged:
        return
    assert 12 <= header.start <= header.end <= len(data)


@settings(deadline=None)
@given(st.lists(st.builds(Entry, st.integers(0, 2**62), st.sampled_from([0, 1, 9]), st.binary(max_size=40))))
def test_any_recorded_bytes_are_read_without_an_error(junk: list[Entry]) -> None:
    survey(in_order([RecordedPart((1, 1), junk)]), 90_000)


# --- clocks


def moment_of(number: int, found: Survey, track: TrackId, surveys: dict[TrackId, Survey], sent: list[Entry]) -> float:
    """Seconds after the start at which the timeline places the packet `number`."""
    packet = packets_of(sent)[number]
    clock = stream_clocks(track, surveys)[0]
    return (clock.wall_ns(packet.rtp_time, packet.arrived_ns) - START_NS) / 1e9


@pytest.mark.parametrize("offset_s", [-7_200, 0, 0.7, 86_400 * 365])
def test_a_browser_whose_clock_is_wrong_is_placed_where_it_spoke(offset_s: float) -> None:
    sent = voice(60, sender=Sender("alice", clock_offset_ns=round(offset_s * S), delay_ns=30_000_000))
    found = look(sent)
    for number in (0, 1_500, 2_999):
        assert moment_of(number, found, MIC, {MIC: found}, sent) == pytest.approx(number / 50 + 0.03, abs=0.005)


def test_a_clock_that_drifts_is_followed_and_never_steps() -> None:
    sent = voice(600, sender=Sender("alice", drift=100e-6))
    found = look(sent)
    clock = stream_clocks(MIC, {MIC: found})[0]
    times = [clock.wall_ns(packet.rtp_time, packet.arrived_ns) for packet in packets_of(sent)]
    for number in range(0, len(times), 1_000):
        assert (times[number] - START_NS) / S == pytest.approx(number / 50 + 0.02, abs=0.01)
    steps = [later - earlier for earlier, later in pairwise(times)]
    assert min(steps) > 15_000_000
    assert max(steps) < 25_000_000


def test_mic_and_camera_of_one_browser_stay_together_though_the_picture_travels_longer() -> None:
    mic = voice(30)
    camera = entries(Sender("alice", delay_ns=180_000_000).video([bytes(30)] * 750, 25))
    surveys = {MIC: look(mic), CAMERA: look(camera, rate=90_000)}
    for track, sent in ((MIC, mic), (CAMERA, camera)):
        found = surveys[track]
        half = len(packets_of(sent)) // 2
        assert moment_of(half, found, track, surveys, sent) == pytest.approx(15 + 0.02, abs=0.005)


def test_without_any_report_the_fastest_packets_tell_the_time() -> None:
    order = random.Random(3)
    sent = voice(60, sender=Sender("alice", report_every_s=0))
    late = [entry._replace(arrived_ns=entry.arrived_ns + order.randint(0, 300_000_000)) for entry in sent[1:]]
    late = [sent[0], *sorted(late, key=lambda entry: entry.arrived_ns)]
    found = look(late)
    assert not found.stretches[0].reports
    for number in (100, 1_500, 2_900):
        assert moment_of(number, found, MIC, {MIC: found}, late) == pytest.approx(number / 50 + 0.02, abs=0.03)


def test_a_stream_whose_time_stood_still_while_muted_is_placed_by_its_arrival() -> None:
    sender = Sender("alice")
    before = voice(10, sender=sender)
    after = [
        entry._replace(arrived_ns=entry.arrived_ns + 20 * S)
        if entry.kind == Kind.RTP
        else Entry(
            entry.arrived_ns + 20 * S,
            entry.kind,
            pack_sender_report(int.from_bytes(entry.data[:8]) + (20 << 32), int.from_bytes(entry.data[8:])),
        )
        for entry in voice(10, 10, sender)
    ]
    found = look(before + after)
    assert len(found.stretches) == 1
    assert moment_of(499, found, MIC, {MIC: found}, before + after) == pytest.approx(9.98 + 0.02, abs=0.01)
    assert moment_of(501, found, MIC, {MIC: found}, before + after) == pytest.approx(30.02 + 0.02, abs=0.01)


# --- gaps


def timeline(journal: Journal, surveys: dict[TrackId, Survey], **missing: Interval) -> Timeline:
    lost = {TrackId(track.replace("_", ".")): [interval] for track, interval in missing.items()}
    return make_timeline(read_facts(journal.rows), surveys, lost, [ALICE, SeatId("bob")])


def told(made: Timeline) -> list[tuple[str, Cause, float, float]]:
    def seconds(at_ns: int) -> float:
        return round((at_ns - START_NS) / S, 1)

    return [(gap.track, gap.cause, seconds(gap.interval.start_ns), seconds(gap.interval.end_ns)) for gap in made.gaps]


def a_journal(*tracks: str) -> Journal:
    journal = Journal()
    journal.presence(0, "alice", "connected")
    journal.recording(0, "recording_started", *tracks)
    return journal


def test_a_recording_without_trouble_has_no_gaps() -> None:
    journal = a_journal(MIC, CAMERA)
    journal(20, "recording_stopped", recording="rec1", by="host", cause="host")
    camera = look(entries(Sender("alice").video([bytes(30)] * 500, 25)), rate=90_000)
    made = timeline(journal, {MIC: look(voice(20)), CAMERA: camera})
    assert told(made) == []
    assert made.duration_s == pytest.approx(20)


def test_a_track_without_sender_reports_is_told_to_be_aligned_by_its_arrival() -> None:
    journal = a_journal(MIC, CAMERA)
    mute = Sender("alice", report_every_s=0)
    camera = look(entries(mute.video([bytes(30)] * 500, 25)), rate=90_000)
    made = timeline(journal, {MIC: look(voice(20)), CAMERA: camera})
    assert made.by_arrival == {CAMERA}
    told = {each["track"]: each["aligned_by"] for each in made.to_json()["tracks"]}  # type: ignore[attr-defined]
    assert told == {MIC: "sender", CAMERA: "arrival"}


def test_withdrawing_and_granting_again_is_told_as_such() -> None:
    journal = a_journal(MIC)
    journal(5, "consent_answered", seat="alice", item="sound", answer="withdrawn")
    journal.recording(5, "recording_changed")
    journal(8, "consent_answered", seat="alice", item="sound", answer="granted")
    journal.recording(8, "recording_changed", MIC)
    journal(12, "recording_stopped", recording="rec1", by=None, cause="call_ended")
    made = timeline(journal, {MIC: look(voice(5) + voice(4, 8, Sender("alice", ssrc=2)))})
    assert told(made) == [(CAMERA, Cause.NOT_GRANTED, 0, 12), (MIC, Cause.WITHDRAWN, 5, 8)]


def test_somebody_who_never_agreed_is_told_for_as_long_as_present() -> None:
    journal = a_journal()
    journal.presence(4, "bob", "connected")
    journal.presence(9, "bob", "left")
    journal(10, "recording_stopped", recording="rec1", by="host", cause="host")
    made = timeline(journal, {})
    assert ("bob.mic", Cause.NOT_GRANTED, 4, 9) in told(made)


def test_lost_packets_are_the_network_and_silence_without_loss_is_not() -> None:
    journal = a_journal(MIC, CAMERA)
    journal(20, "recording_stopped", recording="rec1", by="host", cause="host")
    lost, muted = voice(20), voice(20)
    del lost[300:500]
    sender = Sender("alice")
    muted = voice(6, sender=sender) + voice(10, 10, sender)
    camera = look(muted, rate=48_000)
    made = timeline(journal, {MIC: look(lost), CAMERA: camera})
    assert [(track, cause) for track, cause, _, _ in told(made)] == [(MIC, Cause.NETWORK), (CAMERA, Cause.NOT_SENT)]
    assert told(made)[1][2:] == (6, 10)


def test_a_stream_that_broke_off_for_a_moment_and_began_anew_is_told_as_the_network() -> None:
    journal = a_journal(MIC, CAMERA)
    journal(12, "recording_stopped", recording="rec1", by="host", cause="host")
    made = timeline(journal, {MIC: look(voice(5) + voice(6.2, 5.8, Sender("alice", ssrc=2)))})
    assert [each for each in told(made) if each[0] == MIC] == [(MIC, Cause.NETWORK, 5, 5.8)]


def test_a_shared_screen_that_was_ended_and_shared_again_at_once_is_no_gap() -> None:
    journal = a_journal(SCREEN)
    journal(12, "recording_stopped", recording="rec1", by="host", cause="host")
    shared = entries(Sender("alice").video([bytes(30)] * 75, 15))
    again = entries(Sender("alice", ssrc=2).video([bytes(30)] * 90, 15, 6))
    made = timeline(journal, {SCREEN: look(shared + again, rate=90_000)})
    assert SCREEN not in [track for track, *_ in told(made)]


def test_a_killed_node_is_told_until_the_seat_is_back() -> None:
    journal = a_journal(MIC, CAMERA)
    journal.gap(5, 7)
    journal.presence(7, "alice", "reconnecting", "node_restarted")
    journal.presence(8, "alice", "connected")
    journal(12, "recording_stopped", recording="rec1", by="host", cause="host")
    made = timeline(journal, {MIC: look(voice(5), voice(4, 8, Sender("alice", ssrc=2)))})
    assert (MIC, Cause.NODE_RESTARTED, 5, 8) in told(made)


def test_packets_that_the_disk_refused_are_told() -> None:
    journal = a_journal(MIC, CAMERA)
    journal(10, "recording_stopped", recording="rec1", by="host", cause="host")
    sender = Sender("alice")
    sent = voice(10, sender=sender)
    gone = sent[200:300]
    dropped = Entry(gone[-1].arrived_ns, Kind.DROPPED, pack_dropped(gone[0].arrived_ns, len(gone)))
    made = timeline(journal, {MIC: look([*sent[:200], dropped, *sent[300:]])})
    assert (MIC, Cause.DISK) in [(track, cause) for track, cause, _, _ in told(made)]


def test_a_part_that_is_gone_is_told() -> None:
    journal = a_journal(MIC, CAMERA)
    journal(10, "recording_stopped", recording="rec1", by="host", cause="host")
    gone = Interval(START_NS + 4 * S, START_NS + 6 * S)
    made = timeline(journal, {MIC: look(voice(4) + voice(4, 6, Sender("alice", ssrc=2)))}, alice_mic=gone)
    assert (MIC, Cause.PART_MISSING, 4, 6) in told(made)


def test_nobody_is_missed_while_away() -> None:
    journal = a_journal(MIC, CAMERA)
    journal.presence(6, "alice", "left")
    journal(20, "recording_stopped", recording="rec1", by="host", cause="host")
    camera = look(entries(Sender("alice").video([bytes(30)] * 150, 25)), rate=90_000)
    assert told(timeline(journal, {MIC: look(voice(6)), CAMERA: camera})) == []


def test_time_between_a_stop_and_the_next_start_is_not_in_the_playable_file() -> None:
    journal = a_journal(MIC, CAMERA)
    journal(5, "recording_stopped", recording="rec1", by="host", cause="host")
    journal.recording(65, "recording_started", MIC, CAMERA)
    journal(75, "call_ended", by=None, cause="host")
    made = timeline(journal, {MIC: look(voice(75))})
    assert made.duration_s == pytest.approx(15)
    assert made.position_s(START_NS + 2 * S) == pytest.approx(2)
    assert made.position_s(START_NS + 30 * S) is None
    assert made.position_s(START_NS + 70 * S) == pytest.approx(10)


def test_a_recording_whose_end_nobody_wrote_down_ends_with_its_last_packet() -> None:
    made = timeline(a_journal(MIC, CAMERA), {MIC: look(voice(7))})
    assert made.duration_s == pytest.approx(7, abs=0.05)


# --- intervals


pieces = st.lists(st.builds(lambda a, length: Interval(a, a + length), st.integers(0, 60), st.integers(-3, 20)))


@settings(deadline=None)
@given(pieces, pieces)
def test_intervals_behave_like_sets_of_moments(one: list[Interval], other: list[Interval]) -> None:
    def moments(intervals: Iterable[Interval]) -> set[int]:
        return {at for interval in intervals for at in range(*interval)}

    assert moments(union([*one, *other])) == moments(one) | moments(other)
    assert moments(intersection(one, other)) == moments(one) & moments(other)
    assert moments(difference(one, other)) == moments(one) - moments(other)
    assert union(difference(one, other)) == difference(one, other)
