"""Names that must stay free, and files that must stay readable."""

import ast
import importlib.metadata
from pathlib import Path

import pytest

import recordings
import server
import signaling

ROOT = Path(__file__).parents[2]
PACKAGES = {"server": server, "signaling": signaling, "recordings": recordings}
SOURCES = sorted(path for name in (*PACKAGES, "tools") for path in (ROOT / name).rglob("*.py"))
LONGEST = 400  # lines
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "service", "services"}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_of_ours_is_not_shadowed_by_a_dependency(name: str) -> None:
    assert importlib.metadata.packages_distributions().get(name, ["ieum"]) == ["ieum"]
    assert Path(str(PACKAGES[name].__file__)).is_relative_to(ROOT)


def test_no_test_folder_is_named_like_a_package() -> None:
    folders = {path.name for path in (ROOT / "tests").rglob("*") if path.is_dir()}
    assert not folders & PACKAGES.keys()
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_an_appointment_is_no_booking_and_a_seat_no_participant() -> None:
    classes = [
        node.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    assert [name for name in classes if "Booking" in name or "Participant" in name] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in SOURCES if path.stem in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_lives_in_it_and_stays_one_idea(path: Path) -> None:
    text = path.read_text()
    if "migrations/versions" in str(path):
        return
    assert ast.get_docstring(ast.parse(text)), "a module opens by saying what lives here"
    assert text.count("\n") <= LONGEST, "two ideas in one file: split by concept"


def test_a_file_of_tests_stays_one_idea_too() -> None:
    assert [path for path in (ROOT / "tests").rglob("*.py") if path.read_text().count("\n") > LONGEST] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    functions = [
        n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [f"{f.name} at {f.lineno}" for f in functions if (f.end_lineno or 0) - f.lineno > 60] == []
