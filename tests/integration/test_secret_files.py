"""Secrets made at the first start."""

import stat
from pathlib import Path

import pytest

from server.secret_files import BadSecret, load_or_make, new_kek, read_or_make


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
