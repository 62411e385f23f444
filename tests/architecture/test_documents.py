"""Documents that would rot: links, settings, the files they name, the glossary's forbidden words."""

import re
from pathlib import Path

import pytest

from server.config import Settings
from tools.generate import part, settings_table

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "signaling").glob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PATH = re.compile(r"`((?:server|signaling|recordings|web|tests|tools|docs)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_to_exists(document: Path) -> None:
    text = document.read_text()
    links = [document.parent / target for target in LINK.findall(text)]
    paths = [ROOT / target for target in PATH.findall(text) if not target.startswith("server/static")]
    assert [str(target.relative_to(ROOT)) for target in [*links, *paths] if not target.exists()] == []


def test_the_table_of_settings_is_the_settings() -> None:
    document = ROOT / "docs/deployment.md"
    assert document.read_text() == part(document, "settings", settings_table())


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = {f"IEUM_{name.upper()}" for name in Settings.model_fields} | {
        "IEUM_LINK_SECRET",
        "IEUM_KEK",
        "IEUM_TURN_SECRET",
    }
    named = {name for path in DOCUMENTS for name in re.findall(r"IEUM_[A-Z_]+[A-Z]", path.read_text())}
    assert named - known == set()


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "./run         #" in readme
    assert "./run test    #" in readme
