"""Secrets made at the first start."""

import stat
from pathlib import Path

import pytest

from server.app.installation import turn_service
from server.config import Settings
from server.preparation import CannotStart
from server.secret_files import BadSecret, load_or_make, new_kek, read_or_make, read_turn_secret


def test_secrets_are_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    first = load_or_make(tmp_path / "secrets", {})
    assert load_or_make(tmp_path / "secrets", {}) == first
    for path in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_environment_comes_before_the_files(tmp_path: Path) -> None:
    kek = new_kek()
    made = load_or_make(tmp_path, {"IEUM_LINK_SECRET": "from outside", "IEUM_KEK": kek})
    assert made.link == "from outside"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kek", ["", "c2hvcnQ=", "not base64!"])
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(tmp_path: Path, kek: str) -> None:
    (tmp_path / "kek").write_text(kek)
    with pytest.raises(BadSecret) as refused:
        load_or_make(tmp_path, {})
    assert not kek or kek not in str(refused.value)


def test_two_processes_that_start_together_get_the_same_secret(tmp_path: Path) -> None:
    def other_was_first() -> str:
        read_or_make(tmp_path / "link", lambda: "the other's")
        return "ours"

    assert read_or_make(tmp_path / "link", other_was_first) == "the other's"


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    made = load_or_make(tmp_path, {})
    assert made.link not in repr(made)


def test_the_relays_secret_is_the_admins_and_only_ours_to_read(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    path.write_text("shared with the relay\n")
    path.chmod(0o640)
    with pytest.raises(BadSecret, match="600") as refused:
        read_turn_secret(tmp_path, {})
    assert "shared" not in str(refused.value)
    path.chmod(0o600)
    assert read_turn_secret(tmp_path, {}) == "shared with the relay"
    assert read_turn_secret(tmp_path, {"IEUM_TURN_SECRET": "from outside"}) == "from outside"


def test_a_relay_without_a_secret_is_said_at_the_start(tmp_path: Path) -> None:
    urls = ["turns:turn.example:443?transport=tcp"]
    with pytest.raises(CannotStart, match="IEUM_TURN_SECRET"):
        turn_service(Settings(data_dir=tmp_path, turn_urls=urls))
    assert turn_service(Settings(data_dir=tmp_path)) is None


@pytest.mark.parametrize(
    "url", ["stun:turn.example", "https://turn.example", "turns:", "turns:turn.example?transport=sctp"]
)
def test_what_is_no_relay_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="turn_urls"):
        Settings(data_dir=tmp_path, turn_urls=[url])
