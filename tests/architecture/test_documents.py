"""Documents that would rot: links and the headings they lead to, settings, the files they name."""

import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from server.actions.sign_in import SESSION_LIVES
from server.api.adapter import BODY_MAX_BYTES
from server.api.idempotency import KEPT_FOR
from server.config import Settings
from server.domain.links import VISIT_LIVES
from signaling.limited_json import MAX_DEPTH
from signaling.media.port import Traffic
from tools.generate import part, settings_table

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "signaling").glob("*.md")])
LINK_TO_A_HEADING = re.compile(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PATH = re.compile(r"`((?:server|signaling|recordings|web|tests|tools|docs)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_to_exists(document: Path) -> None:
    text = document.read_text()
    links = [document.parent / target for target in LINK.findall(text)]
    paths = [ROOT / target for target in PATH.findall(text) if not target.startswith("server/static")]
    assert [str(target.relative_to(ROOT)) for target in [*links, *paths] if not target.exists()] == []


def anchors(document: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"(?m)^#+ (.+)$", document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_to_a_heading_leads_to_one(document: Path) -> None:
    links = LINK_TO_A_HEADING.findall(document.read_text())
    assert [
        (page, name) for page, name in links if name not in anchors(document.parent / page if page else document)
    ] == []


def test_every_test_that_the_security_document_names_exists_once() -> None:
    text = (ROOT / "docs/security.md").read_text()
    defined = Counter(
        re.findall(r"def (test_\w+)\(", "".join(path.read_text() for path in ROOT.glob("tests/*/test_*.py")))
    )
    named = set(re.findall(r"`(test_\w+)`", text))
    assert {name: defined[name] for name in named if defined[name] != 1} == {}


def test_each_of_the_twelve_webrtc_requirements_has_a_test_or_says_that_it_has_none() -> None:
    text = (ROOT / "docs/security.md").read_text()
    rows = dict(re.findall(r"(?m)^\| (17\.\d\.\d) .*\| ([^|]+) \|$", text))
    assert sorted(rows) == [*(f"17.1.{n}" for n in (1, 2)), *(f"17.2.{n}" for n in range(1, 9)), "17.3.1", "17.3.2"]
    assert [row for row, tests in rows.items() if "`test_" not in tests and tests != "not there yet"] == []


GAUGE = re.compile(r'"(?:ieum_)?((?:(?:node|web|work|spool|lines|tracks|pictures?|sounds?)_[a-z_]+|pictures))"')


def test_every_metric_is_explained_to_whoever_watches() -> None:
    sources = "".join((ROOT / f"server/app/{name}.py").read_text() for name in ("node", "web", "work", "lines"))
    counters = [f"media_{one.name}_total" for one in fields(Traffic)]
    told = set(re.findall(r"`ieum_([a-z_]+)`", (ROOT / "docs/operations.md").read_text()))
    assert {*GAUGE.findall(sources), *counters} == told


@pytest.mark.parametrize(
    "said",
    [
        f"`__Host-ieum`; {SESSION_LIVES.total_seconds() / 3600:.0f} hours",
        f"`Authorization: Bearer …`; {VISIT_LIVES.total_seconds() / 3600:.0f} hours",
        f"JSON, at most {BODY_MAX_BYTES // 1024} KB",
        f"{MAX_DEPTH} levels deep",
        f"the same key within {KEPT_FOR.total_seconds() / 3600:.0f} hours",
    ],
)
def test_a_limit_that_the_page_of_the_api_names_is_the_limit_in_code(said: str) -> None:
    assert said in (ROOT / "docs/api.md").read_text()


def test_the_table_of_settings_is_the_settings() -> None:
    document = ROOT / "docs/deployment.md"
    assert document.read_text() == part(document, "settings", settings_table())


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = {f"IEUM_{name.upper()}" for name in Settings.model_fields} | {
        "IEUM_LINK_SECRET",
        "IEUM_KEK",
        "IEUM_TURN_SECRET",
        "IEUM_JANUS_SECRET",
    }
    named = {name for path in DOCUMENTS for name in re.findall(r"IEUM_[A-Z_]+[A-Z]", path.read_text())}
    assert named - known == set()


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "./run         #" in readme
    assert "./run test    #" in readme
