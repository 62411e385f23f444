"""`./run` on machines that lack something: it gets it, or one sentence says what, and how to get it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "run"
NOBODY = 65534
OLD = "exit 1"
WITHOUT_VENV = 'case "$2" in *version_info*) exit 0 ;; *) exit 1 ;; esac'
COMPLETE = "exit 0"
PROGRAMS = ("cat", "chmod", "cksum", "cp", "find", "mkdir", "rm", "sort")
PYTHON = """
echo "python $*" >>asked
script() { printf '#!%s/.venv/bin/python\\n' "$PWD" >".venv/bin/$1"; chmod +x ".venv/bin/$1"; }
case "$*" in
  "-m venv "*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; : >.venv/whole ;;
  "-m pip "*) [ -e .venv/whole ] || exit 1 ;;
  -c*files*) [ -e .venv/whole ] || exit 1 ;;
esac
case "$*" in
  "-m pip "*"-r requirements-node.txt"*) script node; script npm ;;
  "-m pip "*" -e .") script ieum ;;
  *"/npm "*" ci "*) mkdir web/node_modules ;;
  *"/npm "*" build") mkdir -p server/static ;;
esac
"""
NPM = """
echo "npm $*" >>asked
mkdir -p web/node_modules server/static
"""
FROM_PYPI = "-r requirements-node.txt"


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder with `./run` in it, and commands of a machine without any Python; others may read it."""
    folder = Path(tempfile.mkdtemp(prefix="ieum-run-"))
    shutil.copy(RUN, folder / "run")
    (folder / "bin").mkdir()
    (folder / "bin" / "dirname").symlink_to(shutil.which("dirname") or "dirname")
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def program(folder: Path, name: str, answers: str) -> None:
    """A program that answers so."""
    (folder / name).write_text(f"#!/bin/sh\n{answers}\n")
    (folder / name).chmod(0o755)


def python(checkout: Path, answers: str) -> None:
    """This machine's Python answers so."""
    program(checkout / "bin", "python3", answers)


def refusal(checkout: Path) -> str:
    """What `./run` says as it gives up. A folder that cannot be written is one only to somebody who is not root."""
    found = subprocess.run(
        ["/bin/sh", str(checkout / "run")],
        env={"PATH": str(checkout / "bin")},
        user=NOBODY if os.geteuid() == 0 else None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (1, "", 1), found.stderr
    return found.stderr


def test_without_any_python_or_with_an_old_one_it_names_the_version_it_needs(checkout: Path) -> None:
    assert "Python 3.11 or newer is needed" in refusal(checkout)
    python(checkout, OLD)
    assert "Python 3.11 or newer is needed" in refusal(checkout)


def test_without_the_venv_module_it_names_the_package(checkout: Path) -> None:
    python(checkout, WITHOUT_VENV)
    assert "apt-get install python3-venv" in refusal(checkout)


def test_a_folder_that_cannot_be_written_is_named_as_such(checkout: Path) -> None:
    python(checkout, COMPLETE)
    checkout.chmod(0o555)
    assert "this folder cannot be written to" in refusal(checkout)


@pytest.fixture
def machine(checkout: Path) -> Path:
    """A machine with a Python and without Node; each program writes down what it is asked and installs names alone."""
    for name in PROGRAMS:
        (checkout / "bin" / name).symlink_to(shutil.which(name) or name)
    python(checkout, PYTHON)
    for name in ("requirements.txt", "requirements-node.txt", "pyproject.toml", "web/package-lock.json"):
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).touch()
    (checkout / "server").mkdir()
    return checkout


def asked(checkout: Path) -> str:
    """What `./run` asks of the programs until it serves, a line each."""
    (checkout / "asked").unlink(missing_ok=True)
    command, environment = ["/bin/sh", str(checkout / "run")], {"PATH": str(checkout / "bin")}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    said = (checkout / "asked").read_text()
    assert said.endswith("serve --sample\n"), said
    return said


def test_a_machine_with_node_and_npm_uses_these(machine: Path) -> None:
    program(machine / "bin", "node", COMPLETE)
    program(machine / "bin", "npm", NPM)
    first = asked(machine)
    assert FROM_PYPI not in first
    assert first.index("npm --prefix web ci") < first.index("npm --prefix web run build")
    assert "install" not in asked(machine)


@pytest.mark.parametrize(
    "there", [{}, {"node": OLD, "npm": NPM}, {"node": COMPLETE}], ids=["no-node", "old-node", "node-without-npm"]
)
def test_without_a_new_enough_node_and_npm_both_come_from_pypi(machine: Path, there: dict[str, str]) -> None:
    for name, answers in there.items():
        program(machine / "bin", name, answers)
    first = asked(machine)
    assert f"--require-hashes --only-binary :all: {FROM_PYPI}" in first
    assert first.index(FROM_PYPI) < first.index("/.venv/bin/npm --prefix web run build")
    (machine / "web" / "new.ts").touch()
    second = asked(machine)
    assert FROM_PYPI not in second
    assert "/.venv/bin/npm --prefix web run build" in second


def test_a_venv_without_pip_as_an_interrupted_start_leaves_it_is_made_anew(machine: Path) -> None:
    (machine / ".venv" / "bin").mkdir(parents=True)
    program(machine / ".venv" / "bin", "python", PYTHON)
    first = asked(machine)
    assert first.index("-m venv") < first.index("-r requirements.txt")
    assert "-m venv" not in asked(machine)


def test_a_checkout_that_was_renamed_serves_and_builds_its_front_end(machine: Path) -> None:
    asked(machine)
    renamed = machine.with_name(f"{machine.name}-renamed")
    machine.rename(renamed)
    try:
        assert "install" not in asked(renamed)
        (renamed / "web" / "new.ts").touch()
        again = asked(renamed)
        assert again.index(f"{FROM_PYPI} --force-reinstall") < again.index(
            f"{renamed}/.venv/bin/npm --prefix web run build"
        )
    finally:
        renamed.rename(machine)
