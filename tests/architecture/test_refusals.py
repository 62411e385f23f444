"""Every refusal has a code of its own, a sentence, and one place in HTTP."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator

import pytest

import server.api.routes
import server.app
from server.api.errors import STATUS, status_of
from server.domain.errors import Refused


def everywhere() -> None:
    """Import every module of the server, so that every refusal exists."""
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if not module.name.startswith(("server.migrations", "server.__main__")):
            importlib.import_module(module.name)


def everything(of: type[Refused] = Refused) -> Iterator[type[Refused]]:
    for child in of.__subclasses__():
        yield child
        yield from everything(child)


everywhere()
REFUSALS = sorted(set(everything()), key=lambda refusal: refusal.__qualname__)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_a_refusal_has_a_code_a_sentence_and_a_status(refusal: type[Refused]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
    assert "code" in vars(refusal), "a code of its own"
    assert vars(refusal).get("__doc__"), "a sentence of its own"
    assert refusal().sentence.endswith("."), "one sentence, on one line"
    assert any(ancestor in STATUS for ancestor in refusal.__mro__) or status_of(refusal()) == 415


def test_no_two_refusals_share_a_code() -> None:
    assert [code for code, times in Counter(refusal.code for refusal in REFUSALS).items() if times > 1] == []


def test_the_table_has_no_status_for_something_that_does_not_exist() -> None:
    assert all(issubclass(refused, Refused) for refused in STATUS)
