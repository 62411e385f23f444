"""Documents: PDF in, PDF out. They are shown by our own pages; nothing in them is ever run."""

from urllib.parse import quote

from aiohttp import web
from pydantic import Field

from server.actions.call_spec import documents_of
from server.actions.documents import DocumentVault, Upload, read_document, upload_document
from server.api.adapter import Answer, Query
from server.api.appointments import Id
from server.api.ask import Ask, StaffAsk, VisitAsk
from server.domain.appointments import Appointment
from server.domain.documents import Document
from server.domain.errors import Invalid
from server.storage.unit_of_work import UnitOfWork

PDF = "application/pdf"


class DocumentOfNothing(Invalid):
    """Say what the document belongs to: an appointment or an application, not both."""

    code = "document_of_nothing"


class NewDocument(Query):
    """What the uploaded PDF belongs to, and its title."""

    title: str = Field(min_length=1, max_length=240)
    appointment_id: Id | None = None
    application_id: Id | None = None


class DocumentAnswer(Answer):
    """A kept document."""

    id: str
    title: str
    pages: int
    size_bytes: int


async def create_document(ask: StaffAsk, uow: UnitOfWork, query: NewDocument, body: bytes) -> DocumentAnswer:
    """Keep a PDF of at most 10 MB and 200 pages."""
    if (query.appointment_id is None) is (query.application_id is None):
        raise DocumentOfNothing()
    upload = Upload(
        data=body, title=query.title, appointment_id=query.appointment_id, application_id=query.application_id
    )
    kept = await upload_document(uow, _vault(ask), upload, ask.scope.person_id, ask.at)
    return _answer(kept)


async def list_documents(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> list[DocumentAnswer]:
    """What may be looked at together in the call of this appointment."""
    found = await documents_of(uow, await uow.rows(Appointment).one(appointment_id))
    return [_answer(one) for one in found]


async def show_document(ask: StaffAsk, uow: UnitOfWork, document_id: str) -> web.Response:
    """The PDF. Reading it is written down."""
    return _pdf(*await read_document(uow, _vault(ask), document_id, ask.at, ask.origin))


async def show_visit_document(ask: VisitAsk, uow: UnitOfWork, document_id: str) -> web.Response:
    """A PDF of one's own appointment."""
    return _pdf(*await read_document(uow, _vault(ask), document_id, ask.at, ask.origin))


def _answer(one: Document) -> DocumentAnswer:
    return DocumentAnswer(id=one.id, title=one.title, pages=one.pages, size_bytes=one.size_bytes)


def _vault(ask: Ask) -> DocumentVault:
    return DocumentVault(keys=ask.services.keys, files=ask.services.files, new_id=ask.services.new_id)


def _pdf(document: Document, data: bytes) -> web.Response:
    name = quote(f"{document.title}.pdf")
    headers = {
        "Content-Disposition": f"inline; filename=\"document.pdf\"; filename*=UTF-8''{name}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=data, content_type=PDF, headers=headers)
