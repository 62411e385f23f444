"""Credentials for the relay: made from secret, seat and time alone, and told to those in the room only."""

import hashlib
import hmac
from base64 import b64decode
from datetime import timedelta

import pytest

from signaling.errors import Code, Refused
from signaling.media.ice_servers import TurnService
from signaling.media.port import SeatId
from tests.calls import NOON, Drive, counselling_underway, spec

URL = "turns:turn.example:443?transport=tcp"
SERVICE = TurnService((URL,), "a secret", lifetime_s=600)
SEAT = SeatId("7b1e")


def test_the_password_is_the_relays_own_reckoning_of_the_username() -> None:
    (server,) = SERVICE.ice_servers(SEAT, NOON).servers
    assert server["urls"] == [URL]
    assert int(server["username"].split(":")[0]) == NOON.timestamp() + 600
    assert b64decode(server["credential"]) == hmac.new(b"a secret", server["username"].encode(), hashlib.sha1).digest()


def test_a_seat_is_one_user_all_the_time_and_another_than_any_other_seat() -> None:
    def user(seat: SeatId, later: timedelta = timedelta()) -> str:
        return str(SERVICE.ice_servers(seat, NOON + later).servers[0]["username"].split(":")[1])

    assert user(SEAT) == user(SEAT, timedelta(hours=1)) != user(SeatId("7b1f"))
    assert SEAT not in user(SEAT)


def test_credentials_are_replaced_while_they_are_still_good() -> None:
    assert SERVICE.ice_servers(SEAT, NOON).refresh_s == 300


def test_the_secret_does_not_show_itself() -> None:
    assert "a secret" not in repr(SERVICE)


def test_whoever_waits_gets_no_relay_and_whoever_is_let_in_gets_one() -> None:
    drive = Drive(spec(), ice_servers=SERVICE.ice_servers)
    drive.come("k", "kim")
    drive.come("s", "song")
    assert drive.last("s", "state")["media"]["ice_servers"] == []
    with pytest.raises(Refused) as refused:
        drive.ask("s", "ice.servers")
    assert refused.value.code == Code.WRONG_STATE
    drive.ask("k", "lobby.admit", seat="song")
    media = drive.last("s", "state")["media"]
    assert media["ice_servers"] == list(SERVICE.ice_servers(SeatId("song"), NOON).servers)
    assert media["ice_refresh_s"] == 300


def test_asking_later_gives_credentials_that_are_good_longer() -> None:
    drive = Drive(spec(), ice_servers=SERVICE.ice_servers)
    drive.come("k", "kim")
    drive.now += timedelta(seconds=300)
    answer = drive.ask("k", "ice.servers")
    assert answer == {"ice_servers": list(SERVICE.ice_servers(SeatId("kim"), drive.now).servers), "ice_refresh_s": 300}


def test_without_a_relay_there_is_nothing_to_ask_for_again() -> None:
    assert counselling_underway().ask("k", "ice.servers") == {"ice_servers": [], "ice_refresh_s": None}


def test_no_credentials_are_written_to_the_journal() -> None:
    drive = Drive(spec(), ice_servers=SERVICE.ice_servers)
    drive.come("k", "kim")
    kept = drive.call.state.spec.model_dump_json() + "".join(fact.model_dump_json() for fact in drive.facts)
    assert "credential" not in kept
    assert "a secret" not in kept
