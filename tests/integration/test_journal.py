"""The journal on a real disk: what is told is kept; torn, damaged and full disks; what web has is let go."""

import errno
import os
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signaling import journal as journal_module
from signaling.call.facts import Bookmarked, Fact, TokenIssued
from signaling.call.state import CallState
from signaling.journal import Journal, read, read_lines
from signaling.media.port import SeatId
from tests.calls import NOON, counselling_underway, spec


def bookmarks(count: int, start: int = 0) -> list[Fact]:
    return [
        Bookmarked(at=NOON + timedelta(seconds=n), id=f"{n:032x}", by=SeatId("kim"))
        for n in range(start, start + count)
    ]


def ids(batch: list[dict[str, object]]) -> list[int]:
    return [int(str(fact["id"]), 16) for fact in batch]


def test_a_call_is_what_it_was_after_reading_its_journal(tmp_path: Path) -> None:
    drive = counselling_underway()
    drive.ask("s", "chat.send", id="a" * 32, to="all", text="줄\r\n바꿈\u2028")
    journal = Journal.create(tmp_path, drive.call.state.spec)
    journal.append(drive.facts)
    journal.close()
    contents = read(journal.path)
    assert contents.spec is not None
    assert CallState.replay(contents.spec, contents.facts) == drive.call.state


def test_data_keys_never_reach_the_disk(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, spec(keys=[{"id": "k1", "plain": "UExBSU4=", "wrapped": "V1JBUA=="}]))
    assert b"UExBSU4=" not in journal.path.read_bytes()
    assert journal.path.stat().st_mode & 0o077 == 0


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.integers(min_value=1, max_value=400), noise=st.binary(max_size=20))
def test_a_torn_end_costs_only_what_was_torn(tmp_path_factory: pytest.TempPathFactory, cut: int, noise: bytes) -> None:
    journal = Journal.create(tmp_path_factory.mktemp("torn"), spec())
    journal.append(bookmarks(5))
    journal.close()
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-cut] + noise)
    contents = read(journal.path)
    assert contents.facts == bookmarks(5)[: len(contents.facts)]
    assert contents.good_bytes <= len(whole)

    again = Journal(journal.path, contents, contents.spec or spec())
    again.append(bookmarks(1, start=90))
    again.close()
    assert read(journal.path).facts == [*contents.facts, *bookmarks(1, start=90)]


@pytest.mark.parametrize("body", [b"{", b"[" * 5_000 + b"]" * 5_000, b"[1]", b"\xff"])
def test_a_line_whose_checksum_is_right_but_is_no_object_ends_the_journal(body: bytes) -> None:
    good = b'{"run":3}'
    lines = [b"%08x %s\n" % (zlib.crc32(each), each) for each in (good, body, b'{"run":4}')]
    contents = read_lines(b"".join(lines), "c1.1.journal")
    assert contents.run == 3
    assert contents.good_bytes == len(lines[0])


@pytest.mark.parametrize(
    "body",
    [
        b'{"run":"4"}',
        b'{"run":-1}',
        b'{"acked":[[],null]}',
        b'{"acked":[5]}',
        b'{"run":5,"fact":{"kind":"call_opened","at":"2026-11-02T03:00:00Z"},"seq":"x"}',
    ],
)
def test_a_line_that_cannot_be_meant_so_is_left_out_whole(body: bytes) -> None:
    lines = [b"%08x %s\n" % (zlib.crc32(each), each) for each in (b'{"run":3}', body)]
    contents = read_lines(b"".join(lines), "c1.1.journal")
    assert (contents.run, contents.seq, contents.acked, contents.facts) == (3, 0, (0, 0), [])
    assert contents.good_bytes == len(b"".join(lines))


def test_a_damaged_line_ends_the_journal(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, spec())
    journal.append(bookmarks(3))
    journal.close()
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"bookmarked", b"bookmarkXd")
    journal.path.write_bytes(b"".join(lines))
    assert len(read(journal.path).facts) == 1


def test_each_run_counts_from_one_and_what_was_acknowledged_is_not_sent_again(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, spec())
    journal.append(bookmarks(4))
    journal.ack(1, 3)
    journal.close()
    again = Journal(journal.path, read(journal.path), spec())
    again.append(bookmarks(2, start=4))
    assert [(fact["run"], fact["seq"]) for fact in again.unacked(10)] == [(1, 4), (2, 1), (2, 2)]
    again.ack(2, 2)
    assert again.all_acked
    again.ack(9, 9)  # never written: a confused web
    assert again.acked == (2, 2)


def test_local_facts_are_kept_and_never_shipped(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, spec())
    journal.append([TokenIssued(at=NOON, seat=SeatId("song"), hashes=["h"])])
    assert journal.all_acked
    assert journal.unacked(10) == []
    assert len(read(journal.path).facts) == 1


def test_more_than_memory_holds_is_read_again_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_HELD_FACTS", 10)
    journal = Journal.create(tmp_path, spec())
    journal.append(bookmarks(35))
    shipped: list[int] = []
    while not journal.all_acked:
        batch = journal.unacked(4)
        shipped += ids(batch)
        journal.ack(batch[-1]["run"], batch[-1]["seq"])
    assert shipped == list(range(35))


def test_a_full_disk_stops_nothing_and_what_waited_is_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.create(tmp_path, spec())
    room = {"bytes": 250}
    write = os.write

    def limited(file: int, data: bytes) -> int:
        taken = write(file, bytes(data[: room["bytes"]])) if room["bytes"] else 0
        room["bytes"] -= taken
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        return taken

    monkeypatch.setattr(os, "write", limited)
    journal.append(bookmarks(5))
    assert journal.failing
    assert ids(journal.unacked(10)) == [0, 1, 2, 3, 4]
    room["bytes"] = 1_000_000
    journal.append(bookmarks(1, start=5))
    assert not journal.failing
    assert read(journal.path).facts == bookmarks(6)


def test_syncing_and_closing_at_once_is_harmless(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, spec())
    journal.append(bookmarks(1))
    journal.sync()
    journal.close()
    journal.sync()
    journal.close()
    journal.delete()
    journal.delete()
    assert not journal.path.exists()
