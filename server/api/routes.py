"""Every URL of the API and who may use it: one table. Tests are made from it, and a route without a row cannot exist.

`OWN` reaches one's own cases and the appointments one sits in or made, `TENANT` all of one's own tenant; storage turns
the reach into the condition of every query (server/storage/visibility.py). Nothing ever reaches another tenant.
"""

from server.api import appointments, desk, seekers, session, visits
from server.api.adapter import Door, Route
from server.domain.permissions import Allow, Reach

OWN, TENANT = Reach.OWN, Reach.TENANT

EVERY_STAFF = Allow(counsellor=OWN, admin=TENANT, lead_interviewer=TENANT, interviewer=OWN)
PLANNERS = Allow(counsellor=OWN, admin=TENANT, lead_interviewer=TENANT)
SEATED = Allow(counsellor=OWN, lead_interviewer=OWN, interviewer=OWN)

ROUTES: tuple[Route, ...] = (
    # Signing in
    Route("POST", "/api/session", session.create_session, Door.PUBLIC),
    Route("GET", "/api/session", session.read_session, EVERY_STAFF),
    Route("DELETE", "/api/session", session.delete_session, EVERY_STAFF, status=204),
    # The desk, seekers, colleagues
    Route("GET", "/api/desk", desk.read_desk, EVERY_STAFF),
    Route("GET", "/api/seekers", seekers.list_seekers, PLANNERS),
    Route("POST", "/api/seekers", seekers.create_seeker, PLANNERS, status=201, creates=True),
    Route("GET", "/api/seekers/{seeker_id}", seekers.read_seeker, PLANNERS),
    Route("GET", "/api/staff", seekers.list_staff, EVERY_STAFF),
    # Appointments
    Route("GET", "/api/appointments", appointments.list_appointments, EVERY_STAFF),
    Route("POST", "/api/appointments", appointments.book_appointment, PLANNERS, status=201, creates=True),
    Route("GET", "/api/appointments/{appointment_id}", appointments.read_appointment, EVERY_STAFF),
    Route("POST", "/api/appointments/{appointment_id}/move", appointments.move_appointment, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/cancel", appointments.cancel_appointment, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/no-show", appointments.confirm_no_show, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/close", appointments.close_appointment, PLANNERS),
    Route("PUT", "/api/appointments/{appointment_id}/agenda", appointments.set_agenda, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/seats/{seat_id}/link", appointments.issue_link, PLANNERS),
    Route("POST", "/api/appointments/{appointment_id}/join", appointments.join_appointment, SEATED),
    # The seeker's page
    Route("POST", "/api/join", visits.join, Door.PUBLIC),
    Route("GET", "/api/visit", visits.read_visit, Door.VISIT),
    Route("POST", "/api/visit/consents", visits.answer_consents, Door.VISIT),
    Route("POST", "/api/visit/rules", visits.accept_rules, Door.VISIT),
    Route("POST", "/api/visit/device-check", visits.keep_device_check, Door.VISIT, status=204),
    Route("POST", "/api/visit/ticket", visits.create_ticket, Door.VISIT),
    Route("GET", "/api/visit/after", visits.read_afterwards, Door.VISIT),
)
