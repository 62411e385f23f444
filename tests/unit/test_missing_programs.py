"""What testing needs and this machine lacks: named at the end with the command that brings it, and in CI a failure."""

from pathlib import Path

import pytest

from tests.conftest import cannot
from tools import programs
from tools.programs import FIREFOX, POSTGRESQL, Program
from tools.test import report_missing


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with nothing but what the test puts into its folder of programs."""
    bare = tuple(Program(one.name, one.candidates[-1:], one.debian, one.variable) for one in (FIREFOX, POSTGRESQL))
    monkeypatch.setattr(programs, "ALL", bare)
    monkeypatch.setenv("PATH", str(tmp_path))
    for one in bare:
        monkeypatch.delenv(one.variable, raising=False)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def put(machine: Path, command: str) -> None:
    (machine / command).write_text("#!/bin/sh\n")
    (machine / command).chmod(0o755)


def test_what_is_missing_is_listed_with_the_command_that_brings_it(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_missing()
    assert capsys.readouterr().out.splitlines() == [
        "not tested with Firefox: it is missing; apt-get install firefox-esr",
        "not tested with PostgreSQL: it is missing; apt-get install postgresql",
    ]
    put(machine, "firefox")
    assert report_missing()
    assert "Firefox" not in capsys.readouterr().out


def test_in_ci_missing_is_failing(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    assert not report_missing()
    put(machine, "firefox")
    put(machine, "initdb")
    assert report_missing()


def test_a_program_that_a_variable_names_is_taken_before_any_other(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(machine, "firefox")
    put(machine, "nightly")
    monkeypatch.setenv(FIREFOX.variable, str(machine / "nightly"))
    assert programs.ALL[0].path() == str(machine / "nightly")


def test_a_test_without_its_program_is_skipped_and_in_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="PostgreSQL"):
        cannot("PostgreSQL is missing")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="PostgreSQL"):
        cannot("PostgreSQL is missing")
