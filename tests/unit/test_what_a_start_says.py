"""What whoever starts the product reads when it runs, and where the same is kept for them alone."""

import json
import stat
from pathlib import Path

import pytest

from server.actions.refresh_samples import SampleLink
from server.actions.sample_people import SampleAccount
from server.app.samples import Samples, write_samples
from server.config import Settings
from server.preparation import SAMPLES_FILE
from server.serving import greeting

SAMPLES = Samples(
    (SampleAccount("김서연 (견본)", "kim@centre.example", "q1w2e3r4t5"),),
    (SampleLink("정하늘 (견본)", "http://localhost:8080/join#abc"),),
    (),
)


def test_with_samples_it_says_where_to_go_as_whom_with_which_link_and_to_use_headphones(tmp_path: Path) -> None:
    said = greeting(Settings(data_dir=tmp_path), SAMPLES)
    account, link = SAMPLES.people[0], SAMPLES.links[0]
    for words in ("http://localhost:8080", account.email, account.password, link.name, link.url, "second browser"):
        assert words in said
    assert "headphones" in said
    assert "Ctrl-C" in said


def test_a_real_site_is_told_how_its_first_account_is_made(tmp_path: Path) -> None:
    said = greeting(Settings(data_dir=tmp_path), None)
    assert "ieum admin create" in said
    assert "Sign in as" not in said


def test_sample_passwords_and_links_are_kept_for_us_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_samples(tmp_path, SAMPLES)
    kept = tmp_path / SAMPLES_FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["people"][0]["password"] == SAMPLES.people[0].password
    assert f"also in {SAMPLES_FILE};" in greeting(Settings(data_dir=Path()), SAMPLES)
