"""Documents (PDF): checked, stored encrypted, read back by those who may see the appointment or application."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from server.actions.content_keys import content_key_of
from server.actions.visit import changed_for_call
from server.domain.appointments import Appointment
from server.domain.documents import TITLE_MAX_CHARACTERS, Document, count_pages
from server.domain.errors import NotFound
from server.domain.interviews import Application
from server.domain.people import clean_text
from server.domain.permissions import SystemScope
from server.domain.recordings import ContentKey, Owner, OwnerKind
from server.storage.files import FileStore
from server.storage.keys import Keys
from server.storage.sealed_objects import open_sealed, sealed
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("document of a visible row")


@dataclass(frozen=True, kw_only=True)
class DocumentVault:
    """Where documents are kept and what opens them."""

    keys: Keys
    files: FileStore
    new_id: Callable[[], str]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file and what it belongs to: an appointment or an application."""

    data: bytes
    title: str
    appointment_id: str | None = None
    application_id: str | None = None


async def upload_document(uow: UnitOfWork, vault: DocumentVault, upload: Upload, by: str, now: datetime) -> Document:
    """Check it, seal it, keep it. Raises NotFound, and what `count_pages` raises."""
    pages = await asyncio.to_thread(count_pages, upload.data)
    key, tenant_id, subject_id = await _key_of(uow, vault, upload, now)
    document = Document(
        id=vault.new_id(),
        tenant_id=tenant_id,
        appointment_id=upload.appointment_id,
        application_id=upload.application_id,
        title=clean_text(upload.title)[:TITLE_MAX_CHARACTERS] or "PDF",
        pages=pages,
        size_bytes=len(upload.data),
        sha256=sha256(upload.data).hexdigest(),
        object="",
        uploaded_by=by,
        uploaded_at=now,
    )
    document = replace(document, object=f"documents/{document.id}")
    (data_key,) = vault.keys.issue(key, 1, vault.new_id)
    stored = await asyncio.to_thread(sealed, upload.data, data_key, _about(document))
    await vault.files.put(document.object, stored)
    await uow.rows(Document).add(document)
    await record_deed(uow, _deed("document.uploaded", document, subject_id), now)
    if upload.appointment_id is not None:
        await changed_for_call(uow, upload.appointment_id, now)
    return document


async def read_document(
    uow: UnitOfWork, vault: DocumentVault, document_id: str, now: datetime, origin: str
) -> tuple[Document, bytes]:
    """The document and its bytes; that it was read is written down.

    Raises NotFound, KeyAway, ObjectMissing, ObjectDamaged.
    """
    document = await uow.rows(Document).one(document_id)
    everything = uow.beyond(_SYSTEM)
    upload = Upload(data=b"", title="", appointment_id=document.appointment_id, application_id=document.application_id)
    key, _, subject_id = await _key_of(everything, vault, upload, now)
    opened = await open_sealed(vault.files, document.object, vault.keys.opened(key), _about(document))
    await record_deed(uow, _deed("document.read", document, subject_id), now, origin)
    return document, b"".join([piece async for piece in opened.read(0, opened.size_bytes)])


async def _key_of(
    uow: UnitOfWork, vault: DocumentVault, upload: Upload, now: datetime
) -> tuple[ContentKey, str, str | None]:
    """The key over the document's owner, its tenant, and whose data it is. Raises NotFound."""
    if upload.application_id is not None:
        application = await uow.rows(Application).one(upload.application_id)
        owner = Owner(OwnerKind.APPLICATION, application.id)
        key = await vault.keys.of_owner(uow, application.tenant_id, owner, vault.new_id, now)
        return key, application.tenant_id, application.seeker_id
    if upload.appointment_id is None:
        raise NotFound(kind="appointment")
    appointment = await uow.rows(Appointment).one(upload.appointment_id)
    key = await content_key_of(uow, appointment, vault.keys, vault.new_id, now)
    return key, appointment.tenant_id, None


def _about(document: Document) -> dict[str, str | int]:
    """Bound to the stored file, so that it can pass for no other."""
    return {"document": document.id, "tenant": document.tenant_id}


def _deed(action: str, document: Document, subject_id: str | None) -> Deed:
    return Deed(
        action=action,
        object_kind="document",
        object_id=document.id,
        tenant_id=document.tenant_id,
        subject_id=subject_id,
    )
