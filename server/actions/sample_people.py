"""The sample organisations, their staff, seekers, posting and résumés: made once, found again at each start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from server.actions.documents import DocumentVault, Upload, upload_document
from server.actions.open_case import case_of
from server.actions.passwords import Passwords
from server.actions.sign_in import set_password
from server.domain import samples
from server.domain.documents import Document
from server.domain.interviews import Application, Posting
from server.domain.people import Language, Staff
from server.domain.samples import SampleSeeker, SampleStaff, marked, sample_id
from server.storage.tables.cases import documents
from server.storage.tables.people import people, registrations, rooms, tenants
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class SampleAccount:
    """Somebody to sign in as."""

    name: str
    email: str
    password: str


async def refresh_people(
    uow: UnitOfWork,
    known: Mapping[str, str],
    passwords: Passwords,
    vault: DocumentVault,
    new_password: Callable[[], str],
    now: datetime,
) -> list[SampleAccount]:
    """Everybody and everything that has no time. `known`: passwords by e-mail, as kept since the first start."""
    await _organisations(uow)
    accounts = [await _account(uow, one, known, passwords, new_password, now) for one in samples.STAFF]
    for seeker in samples.SEEKERS:
        await _seeker(uow, seeker, vault, now)
    await _posting(uow, now)
    for key in samples.APPLICANTS:
        await _resume(uow, key, vault, now)
    return accounts


def application_id(seeker: str) -> str:
    """The id of this sample seeker's application."""
    return sample_id(f"application {seeker}")


async def _organisations(uow: UnitOfWork) -> None:
    for one in samples.TENANTS:
        tenant_id = sample_id(one.key)
        row = {"id": tenant_id, "kind": one.kind, "name": marked(one.name), "phone": one.phone, "zone": samples.ZONE}
        await uow.insert_new(tenants, [row])
        named = [{"id": sample_id(f"{one.key} {room}"), "tenant_id": tenant_id, "name": room} for room in one.rooms]
        await uow.insert_new(rooms, named)


async def _account(
    uow: UnitOfWork,
    one: SampleStaff,
    known: Mapping[str, str],
    passwords: Passwords,
    new_password: Callable[[], str],
    now: datetime,
) -> SampleAccount:
    """The account, with a password of its own in each installation; a forgotten one is replaced."""
    email = f"{one.key}@{one.tenant}.example"
    account = SampleAccount(marked(one.name), email, known.get(email) or new_password())
    person = {"id": sample_id(one.key), "name": account.name, "phone": None, "lang": Language.KO, "created_at": now}
    await uow.insert_new(people, [person])
    if await uow.rows(Staff).get(sample_id(one.key)) is None:
        await uow.rows(Staff).add(
            Staff(
                id=sample_id(one.key),
                tenant_id=sample_id(one.tenant),
                role=one.role,
                email=email,
                password_hash=await passwords.hash(account.password),
                disabled_at=None,
            )
        )
    elif email not in known:
        await set_password(uow, passwords, sample_id(one.key), account.password)
    return account


async def _seeker(uow: UnitOfWork, seeker: SampleSeeker, vault: DocumentVault, now: datetime) -> None:
    person_id = sample_id(seeker.key)
    phone = f"0100000{samples.SEEKERS.index(seeker):04d}"
    person = {"id": person_id, "name": marked(seeker.name), "phone": phone, "lang": Language.KO, "created_at": now}
    await uow.insert_new(people, [person])
    for key in seeker.known_to:
        tenant = next(one.tenant for one in samples.STAFF if one.key == key)
        row = {
            "person_id": person_id,
            "tenant_id": sample_id(tenant),
            "responsible_id": sample_id(key),
            "registered_at": now,
        }
        await uow.insert_new(registrations, [row])
        if tenant == samples.CENTRE:
            await case_of(uow, sample_id(tenant), person_id, vault.new_id, now)


async def _posting(uow: UnitOfWork, now: datetime) -> None:
    posting_id, employer_id = sample_id("posting"), sample_id(samples.EMPLOYER)
    if await uow.rows(Posting).get(posting_id) is None:
        title = marked(samples.POSTING)
        posting = Posting(id=posting_id, tenant_id=employer_id, title=title, kit=samples.KIT, created_at=now)
        await uow.rows(Posting).add(posting)
    for key in samples.APPLICANTS:
        if await uow.rows(Application).get(application_id(key)) is None:
            application = Application(
                id=application_id(key),
                tenant_id=employer_id,
                posting_id=posting_id,
                seeker_id=sample_id(key),
                applied_at=now,
            )
            await uow.rows(Application).add(application)


async def _resume(uow: UnitOfWork, key: str, vault: DocumentVault, now: datetime) -> None:
    if await uow.rows(Document).count(documents.c.application_id == application_id(key)):
        return
    upload = Upload(data=resume_pdf(key), title="이력서 (견본)", application_id=application_id(key))
    await upload_document(uow, vault, upload, sample_id("lee"), now)


def resume_pdf(key: str) -> bytes:
    """A one-page PDF made in code (ISO 32000-1). Latin letters only: its standard font has no others."""
    lines = (b"RESUME - SAMPLE", b"Applicant: %s, invented" % key.upper().encode(), b"Warehouse clerk, 3 years")
    text = b" ".join(b"0 -28 Td (%s) Tj" % line for line in lines)
    content = b"BT /F1 18 Tf 72 770 Td " + text + b" ET"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _pdf(bodies)


def _pdf(bodies: list[bytes]) -> bytes:
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1) + entries
    return data + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
