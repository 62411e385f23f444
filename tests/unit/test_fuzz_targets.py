"""Every fuzz target on seeds, kept corpus, mutations and noise. Led by coverage it is `./run fuzz`."""

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.fuzz import KEPT, names

MOST_KEPT_BYTES = 300_000


@cache
def target(name: str) -> Any:
    return importlib.import_module(f"tests.fuzz.{name}")


@cache
def known_inputs(name: str) -> list[bytes]:
    return [*target(name).seeds(), *(path.read_bytes() for path in sorted((KEPT / name).iterdir()))]


@pytest.mark.parametrize("name", names())
def test_the_seeds_and_the_kept_corpus_break_no_promise(name: str) -> None:
    assert target(name).seeds()
    for data in known_inputs(name):
        target(name).check(data)


@pytest.mark.parametrize("name", names())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_inputs_and_noise_break_no_promise(name: str, data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(known_inputs(name)) | st.binary(max_size=300)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(whole)))
        whole[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    target(name).check(bytes(whole))


def test_each_kept_corpus_belongs_to_a_target_and_all_are_small() -> None:
    assert {path.name for path in KEPT.iterdir()} == set(names())
    assert sum(path.stat().st_size for path in KEPT.rglob("*") if path.is_file()) < MOST_KEPT_BYTES
    assert Path("tests/fuzz/inputs.py").exists()
