"""The key hierarchy: one key-encryption key per installation wraps one content key per owner, which wraps data keys.

An owner is a case, an application or an appointment; its content key is made when first needed and is the unit that
opens, or one day shreds, all that is kept for it. Plain keys live in memory only. Wrapping: recordings/vault.py.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from recordings import vault
from recordings.errors import WrongKey
from server.domain.errors import Unavailable
from server.domain.permissions import SystemScope
from server.domain.recordings import ContentKey, Owner
from server.storage.tables.recordings import content_keys
from server.storage.unit_of_work import UnitOfWork
from signaling.media.recorders import DataKey

NewId = Callable[[], str]


class KeyAway(Unavailable):
    """The key that opens this is not the one this server was started with; an operator has to look."""

    code = "key_away"


class Keys:
    """Opens and makes content keys with the installation's key-encryption key."""

    def __init__(self, kek: bytes) -> None:
        self._kek = kek
        self.kek_id = sha256(b"ieum kek id" + kek).hexdigest()[:16]

    def __repr__(self) -> str:  # a key never reaches a log
        return f"Keys({self.kek_id!r})"

    def opened(self, key: ContentKey) -> bytes:
        """The plain content key. Raises KeyAway."""
        try:
            return vault.unwrap(key.wrapped, self._kek)
        except WrongKey as error:
            raise KeyAway() from error

    async def of_owner(self, uow: UnitOfWork, tenant_id: str, owner: Owner, new_id: NewId, now: datetime) -> ContentKey:
        """The owner's content key, made if it has none. Two makers at once end with the same one."""
        system = uow.beyond(SystemScope("content keys belong to the server"))
        where = (content_keys.c.owner_kind == owner.kind, content_keys.c.owner_id == owner.id)
        found = await system.rows(ContentKey).first(*where)
        if found is not None:
            return found
        row = {
            "id": new_id(),
            "tenant_id": tenant_id,
            "owner_kind": owner.kind,
            "owner_id": owner.id,
            "wrapped": vault.wrap(vault.new_key(), self._kek),
            "kek_id": self.kek_id,
            "created_at": now,
        }
        await uow.insert_new(content_keys, [row])
        made = await system.rows(ContentKey).first(*where)
        assert made is not None  # noqa: S101  inserted above, by us or by a rival that has committed
        return made

    def issue(self, key: ContentKey, count: int, new_id: NewId) -> list[DataKey]:
        """`count` fresh data keys under this content key, for a node to write with."""
        content_key = self.opened(key)
        plain = [vault.new_key() for _ in range(count)]
        return [DataKey(new_id(), data_key, vault.wrap(data_key, content_key)) for data_key in plain]
