"""Idempotency-Key on creations: the key, a hash of the request and the answer are written with what was created."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, delete, select, update

from server.api.ask import StaffAsk
from server.domain.errors import Conflict, Invalid
from server.storage.tables.trail import idempotency_keys as keys
from server.storage.unit_of_work import UnitOfWork

KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,100}")


class KeyInvalid(Invalid):
    """An Idempotency-Key has 1 to 100 visible ASCII characters."""

    code = "idempotency_key_invalid"


class KeyReused(Conflict):
    """This Idempotency-Key was used for a different request."""

    code = "idempotency_key_reused"


@dataclass(frozen=True)
class Keyed:
    """A request that carries a key."""

    actor_id: str
    key: str
    operation: str
    request_hash: str
    at: datetime


@dataclass(frozen=True)
class Known:
    """What was answered the first time."""

    status: int
    answer: bytes


def read(key: str | None, operation: str, given: Mapping[str, Any], ask: StaffAsk) -> Keyed | None:
    """The keyed request, or None without a key. Raises KeyInvalid."""
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise KeyInvalid()
    return Keyed(ask.scope.person_id, key, operation, _hash(given), ask.at)


async def claim(uow: UnitOfWork, asked: Keyed) -> Known | None:
    """Take the key, or say what was answered before. Waits for an equal request under way. Raises KeyReused."""
    await uow.execute(delete(keys).where(keys.c.created_at < asked.at - KEPT_FOR))
    row = {
        "actor_id": asked.actor_id,
        "key": asked.key,
        "operation": asked.operation,
        "request_hash": asked.request_hash,
        "created_at": asked.at,
    }
    if await uow.insert_new(keys, [row]):
        return None
    found = (await uow.execute(select(keys).where(*_is(asked)))).one()
    if (found.operation, found.request_hash) != (asked.operation, asked.request_hash):
        raise KeyReused()
    return Known(found.status, found.answer)


async def remember(uow: UnitOfWork, asked: Keyed, status: int, answer: bytes) -> None:
    """Keep the answer with the key."""
    await uow.execute(update(keys).where(*_is(asked)).values(status=status, answer=answer))


def _is(asked: Keyed) -> tuple[ColumnElement[bool], ...]:
    return keys.c.actor_id == asked.actor_id, keys.c.key == asked.key


def _hash(given: Mapping[str, Any]) -> str:
    packed = {name: _plain(value) for name, value in sorted(given.items())}
    return hashlib.sha256(json.dumps(packed, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)
