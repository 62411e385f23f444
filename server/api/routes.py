"""Every URL of the API and who may use it: one table. Tests are made from it, and a route without a row cannot exist.

`OWN` reaches one's own cases and the appointments one sits in or made, `TENANT` all of one's own tenant; storage turns
the reach into the condition of every query (server/storage/visibility.py). Nothing ever reaches another tenant's rows;
`FIGURES` are loads and counts of the whole installation, in which no person and no tenant is named.
"""

from server.api import (
    applications,
    appointments,
    board,
    cases,
    desk,
    documents,
    groups,
    notes,
    postings,
    recordings,
    sample_guests,
    scorecards,
    seekers,
    session,
    summaries,
    visits,
)
from server.api.adapter import Door, Route
from server.domain.documents import MAX_BYTES, DocumentTooLarge
from server.domain.permissions import Allow, Reach

OWN, TENANT, FIGURES = Reach.OWN, Reach.TENANT, Reach.FIGURES

EVERY_STAFF = Allow(counsellor=OWN, admin=TENANT, lead_interviewer=TENANT, interviewer=OWN)
SIGNED_IN = Allow(counsellor=OWN, admin=TENANT, lead_interviewer=TENANT, interviewer=OWN, operator=OWN)
PLANNERS = Allow(counsellor=OWN, admin=TENANT, lead_interviewer=TENANT)
SEATED = Allow(counsellor=OWN, lead_interviewer=OWN, interviewer=OWN)
CONTENT = Allow(counsellor=OWN, lead_interviewer=TENANT, interviewer=OWN)  # what was said: never for administrators
COLLEAGUES = Allow(counsellor=TENANT, admin=TENANT, lead_interviewer=TENANT, interviewer=TENANT)  # whom one may book
PROGRESS = Allow(counsellor=TENANT, admin=TENANT, lead_interviewer=TENANT, interviewer=TENANT)  # names nobody
COUNSELLORS = Allow(counsellor=OWN)
INTERVIEWERS = Allow(admin=TENANT, lead_interviewer=TENANT, interviewer=TENANT)
HIRING = Allow(admin=TENANT, lead_interviewer=TENANT)  # postings and who applied; never how an interview went
JUDGED = Allow(lead_interviewer=TENANT, interviewer=OWN)
ON_THE_PANEL = Allow(lead_interviewer=OWN, interviewer=OWN)  # one judges where one sat
LEADS = Allow(lead_interviewer=TENANT)
ON_THE_DAY = Allow(admin=TENANT, lead_interviewer=TENANT)  # who is where, and how their lines are
OPERATORS = Allow(operator=FIGURES)
TEXT = 128 * 1024  # 20,000 characters of Hangul are 60 KB

ROUTES: tuple[Route, ...] = (
    # Signing in
    Route("POST", "/api/session", session.create_session, Door.PUBLIC, answers=session.Me),
    Route("GET", "/api/session", session.read_session, SIGNED_IN),
    Route("DELETE", "/api/session", session.delete_session, SIGNED_IN, status=204),
    # The desk, seekers, colleagues
    Route("GET", "/api/desk", desk.read_desk, EVERY_STAFF),
    Route("GET", "/api/seekers", seekers.list_seekers, PLANNERS),
    Route("POST", "/api/seekers", seekers.create_seeker, PLANNERS, status=201, creates=True),
    Route("GET", "/api/seekers/{seeker_id}", seekers.read_seeker, PLANNERS),
    Route("GET", "/api/staff", seekers.list_staff, COLLEAGUES),
    # The live board
    Route("GET", "/api/board", board.read_board, ON_THE_DAY),
    Route("GET", "/api/board/{appointment_id}/seats/{seat_id}", board.read_seat_tracks, ON_THE_DAY),
    Route("GET", "/api/nodes", board.read_nodes, OPERATORS),
    Route("POST", "/api/nodes/drain", board.drain_node, OPERATORS),
    # Appointments
    Route("GET", "/api/appointments", appointments.list_appointments, EVERY_STAFF),
    Route("POST", "/api/appointments", appointments.book_appointment, PLANNERS, status=201, creates=True),
    Route("GET", "/api/appointments/{appointment_id}", appointments.read_appointment, EVERY_STAFF),
    Route("GET", "/api/appointments/{appointment_id}/history", appointments.read_history, EVERY_STAFF),
    Route("POST", "/api/appointments/{appointment_id}/move", appointments.move_appointment, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/cancel", appointments.cancel_appointment, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/no-show", appointments.confirm_no_show, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/close", appointments.close_appointment, PLANNERS),
    Route("PUT", "/api/appointments/{appointment_id}/agenda", appointments.set_agenda, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/seats/{seat_id}/link", appointments.issue_link, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/join", appointments.join_appointment, SEATED),
    Route("POST", "/api/appointments/{appointment_id}/sample-guests", sample_guests.seat_sample_guests, CONTENT),
    # Who was there, and what one notes down
    Route("GET", "/api/appointments/{appointment_id}/roster", groups.read_roster, EVERY_STAFF),
    Route("GET", "/api/appointments/{appointment_id}/attendance", groups.read_attendance, EVERY_STAFF),
    Route("GET", "/api/appointments/{appointment_id}/after", groups.read_after_call, CONTENT, writes=True),
    Route("PUT", "/api/appointments/{appointment_id}/attendance", groups.confirm_attendance, CONTENT),
    Route("GET", "/api/appointments/{appointment_id}/notes/mine", notes.read_my_room_note, CONTENT, writes=True),
    Route("PUT", "/api/appointments/{appointment_id}/notes/mine", notes.write_my_room_note, CONTENT, max_bytes=TEXT),
    Route("POST", "/api/appointments/{appointment_id}/notes", notes.open_note, COUNSELLORS),
    Route("GET", "/api/notes/{note_id}", notes.read_note, COUNSELLORS, writes=True),
    Route("PUT", "/api/notes/{note_id}", notes.write_note, COUNSELLORS, max_bytes=TEXT),
    Route("POST", "/api/notes/{note_id}/sign", notes.sign_note, COUNSELLORS),
    Route("POST", "/api/notes/{note_id}/amend", notes.amend_note, COUNSELLORS, max_bytes=TEXT),
    # Case files and summaries
    Route("GET", "/api/cases/{case_id}", cases.read_case, COUNSELLORS, writes=True),
    Route("POST", "/api/appointments/{appointment_id}/summary/retry", summaries.retry_summary, CONTENT),
    Route("GET", "/api/summaries/{summary_id}", summaries.read_summary, CONTENT, writes=True),
    Route("PUT", "/api/summaries/{summary_id}", summaries.edit_summary, CONTENT, max_bytes=summaries.BODY_MAX_BYTES),
    Route("POST", "/api/summaries/{summary_id}/approve", summaries.approve_summary, CONTENT),
    Route("POST", "/api/summaries/{summary_id}/share", summaries.share_summary, COUNSELLORS),
    Route("DELETE", "/api/summaries/{summary_id}/share", summaries.unshare_summary, COUNSELLORS, status=204),
    Route("POST", "/api/shared", summaries.open_shared_summary, Door.PUBLIC),
    # Recordings
    Route("GET", "/api/recordings/{recording_id}", recordings.read_recording, CONTENT, writes=True),
    Route("POST", "/api/recordings/{recording_id}/retry", recordings.retry_recording, CONTENT),
    Route("POST", "/api/recordings/{recording_id}/playback", recordings.open_playback, CONTENT),
    Route("GET", "/api/playback/{token}", recordings.play, CONTENT, produces=recordings.MP4),
    Route("GET", "/api/jobs/{job_id}", recordings.read_job, PROGRESS),
    # An employer's interviews
    Route("GET", "/api/postings", postings.list_postings, INTERVIEWERS),
    Route("GET", "/api/postings/{posting_id}", postings.read_posting, INTERVIEWERS),
    Route("POST", "/api/postings", postings.create_posting, HIRING, status=201, creates=True, max_bytes=TEXT),
    Route("PUT", "/api/postings/{posting_id}", postings.edit_posting, HIRING, max_bytes=TEXT),
    Route("POST", "/api/postings/{posting_id}/close", postings.close_posting, HIRING),
    Route("POST", "/api/postings/{posting_id}/reopen", postings.reopen_posting, HIRING),
    Route(
        "POST",
        "/api/postings/{posting_id}/applications",
        applications.create_application,
        HIRING,
        status=201,
        creates=True,
    ),
    Route(
        "POST",
        "/api/postings/{posting_id}/interviews",
        applications.book_interviews,
        HIRING,
        status=201,
        creates=True,
    ),
    Route("POST", "/api/applications/{application_id}/withdraw", applications.withdraw_application, HIRING),
    Route("POST", "/api/applications/{application_id}/decision", applications.decide_application, LEADS),
    Route("GET", "/api/appointments/{appointment_id}/scorecard", scorecards.read_my_scorecard, ON_THE_PANEL),
    Route("PUT", "/api/appointments/{appointment_id}/scorecard", scorecards.write_my_scorecard, ON_THE_PANEL),
    Route("POST", "/api/appointments/{appointment_id}/scorecard/submit", scorecards.submit_my_scorecard, ON_THE_PANEL),
    Route(
        "GET",
        "/api/appointments/{appointment_id}/scorecards",
        scorecards.read_other_scorecards,
        JUDGED,
        writes=True,
    ),
    # Documents
    Route(
        "POST",
        "/api/documents",
        documents.create_document,
        CONTENT,
        status=201,
        creates=True,
        consumes=documents.PDF,
        max_bytes=MAX_BYTES,
        too_large=DocumentTooLarge,
    ),
    Route("GET", "/api/appointments/{appointment_id}/documents", documents.list_documents, CONTENT),
    Route("GET", "/api/documents/{document_id}", documents.show_document, CONTENT, writes=True, produces=documents.PDF),
    Route(
        "GET",
        "/api/visit/documents/{document_id}",
        documents.show_visit_document,
        Door.VISIT,
        writes=True,
        produces=documents.PDF,
    ),
    # The seeker's page
    Route("GET", "/api/contact", visits.read_contact, Door.PUBLIC),
    Route("POST", "/api/join", visits.join, Door.PUBLIC),
    Route("GET", "/api/visit", visits.read_visit, Door.VISIT),
    Route("POST", "/api/visit/consents", visits.answer_consents, Door.VISIT),
    Route("POST", "/api/visit/rules", visits.accept_rules, Door.VISIT),
    Route("GET", "/api/visit/connection", visits.read_connection, Door.VISIT),
    Route("POST", "/api/visit/device-check", visits.keep_device_check, Door.VISIT, status=204),
    Route("POST", "/api/visit/ticket", visits.create_ticket, Door.VISIT),
    Route("GET", "/api/visit/after", visits.read_afterwards, Door.VISIT),
)
