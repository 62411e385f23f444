"""Tables of the scheduler and the nodes: which node carries whose call, what was noticed, and the journal of facts."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, ForeignKey, Integer, String, Table, UniqueConstraint

from server.domain.engines import Engine
from server.domain.rooms import NoticeKind
from server.storage.tables.metadata import ID_LENGTH, metadata
from server.storage.types import Choice, UtcDateTime

assignments = Table(
    "assignments",
    metadata,
    Column("call_id", String(ID_LENGTH), primary_key=True),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False),
    Column("room_id", ForeignKey("rooms.id"), nullable=False),
    Column("node", String(64)),
    Column("epoch", Integer, nullable=False),
    Column("opened_at", UtcDateTime),
    Column("empty_since", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("moved_from", String(64)),
    UniqueConstraint("appointment_id"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("link_url", String(300), nullable=False),
    Column("version", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("seat_capacity", Integer, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("engine", Choice(Engine), nullable=False, server_default=Engine.SFU.value),
    Column("fullness", Float, nullable=False),
    Column("processor", Float, nullable=False),
    Column("packets_per_s", Float),
    Column("packet_limit", Float),
    Column("late_s", Float, nullable=False),
    Column("free_bytes", BigInteger),
    Column("takes_rooms", Boolean, nullable=False),
    Column("leaving", Boolean, nullable=False),
    Column("drained_at", UtcDateTime),
)

notices = Table(
    "notices",
    metadata,
    Column("appointment_id", ForeignKey("appointments.id"), primary_key=True),
    Column("kind", Choice(NoticeKind), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("dismissed_at", UtcDateTime),
)

facts = Table(
    "facts",
    metadata,
    Column("call_id", String(ID_LENGTH), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("body", JSON, nullable=False),
)
