"""Every table, and which class of the domain is a row of which table. Field names are column names."""

from collections.abc import Mapping

from sqlalchemy import Table

from server.domain.appointments import Appointment, Seat
from server.domain.attendance import Attendance
from server.domain.cases import Case, CaseEntry, RoomNote
from server.domain.consent import ConsentAnswer
from server.domain.documents import Document
from server.domain.history import HistoryEntry
from server.domain.interviews import Application, Posting, Scorecard
from server.domain.jobs import Job
from server.domain.links import Link, Ticket, Visit
from server.domain.nodes import Node
from server.domain.notes import SessionNote
from server.domain.organisations import Room, Tenant
from server.domain.people import Person, Registration, Session, Staff
from server.domain.recordings import ContentKey, PlaybackGrant, Recording, RecordingPart
from server.domain.rooms import Assignment
from server.domain.summaries import Summary, SummaryLink
from server.storage.tables.appointments import appointments, history, links, seats, tickets, visits
from server.storage.tables.cases import (
    attendances,
    case_entries,
    cases,
    documents,
    room_notes,
    session_notes,
    summaries,
    summary_links,
)
from server.storage.tables.interviews import applications, postings, scorecards
from server.storage.tables.jobs import jobs
from server.storage.tables.metadata import metadata
from server.storage.tables.people import people, registrations, rooms, sessions, staff, tenants
from server.storage.tables.recordings import content_keys, playback_grants, recording_parts, recordings
from server.storage.tables.scheduling import assignments, facts, nodes
from server.storage.tables.trail import audit, consents

RECORDS: Mapping[type, Table] = {
    Tenant: tenants,
    Room: rooms,
    Person: people,
    Staff: staff,
    Registration: registrations,
    Session: sessions,
    Appointment: appointments,
    HistoryEntry: history,
    Seat: seats,
    Link: links,
    Visit: visits,
    Ticket: tickets,
    Assignment: assignments,
    Node: nodes,
    ConsentAnswer: consents,
    Job: jobs,
    ContentKey: content_keys,
    Recording: recordings,
    RecordingPart: recording_parts,
    PlaybackGrant: playback_grants,
    Case: cases,
    CaseEntry: case_entries,
    Attendance: attendances,
    SessionNote: session_notes,
    RoomNote: room_notes,
    Summary: summaries,
    SummaryLink: summary_links,
    Document: documents,
    Posting: postings,
    Application: applications,
    Scorecard: scorecards,
}

__all__ = ["RECORDS", "audit", "facts", "metadata"]
