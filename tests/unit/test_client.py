"""A browser's connection at the gateway: how much may wait for it, and for how much of its own it may wait."""

from typing import Any, cast

import pytest

from signaling.client import MAX_UNANSWERED, MAX_UNSENT, Allowance, Client
from signaling.errors import Code, Unavailable


@pytest.fixture
async def client() -> Client:
    return Client("sid", "conn", cast(Any, None), Allowance(), cast(Any, None))


async def test_so_many_requests_wait_for_their_answer_and_one_more_is_told_to_come_again(client: Client) -> None:
    first, *_ = (client.question()[0] for _ in range(MAX_UNANSWERED))
    with pytest.raises(Unavailable) as refused:
        client.question()
    assert (refused.value.code, refused.value.retry_after_s) == (Code.BUSY, 1.0)
    client.answer(first, {"ok": True})
    client.question()


async def test_who_leaves_too_much_unsent_is_closed_and_keeps_nothing_in_memory(client: Client) -> None:
    for number in range(MAX_UNSENT + 1):
        client.push("speakers", {"seats": [str(number)]})
    assert client.unsent.qsize() == 1
    assert client.unsent.get_nowait() is None  # the writer's word to close
