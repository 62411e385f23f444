"""The decision on an application: by a named person, written down, and told to nobody by the machine."""

from datetime import datetime

from server.actions.score_interview import check_judged
from server.domain import interviews
from server.domain.interviews import Application, Decision
from server.domain.permissions import StaffScope
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import UnitOfWork


async def decide(
    uow: UnitOfWork, application_id: str, decision: Decision, reason: str, by: StaffScope, now: datetime
) -> Application:
    """Decide on an application, as a person. Nobody is told by the machine.

    Raises NotFound, DecisionBeforeScorecard, DecisionReasonMissing.
    """
    application = await uow.rows(Application).one(application_id, lock=True)
    await check_judged(uow, application, by)
    decided = interviews.decide(application, decision, reason, by.person_id, now)
    await uow.rows(Application).save(decided)
    deed = Deed(
        action="application.decided",
        object_kind="application",
        object_id=decided.id,
        tenant_id=decided.tenant_id,
        subject_id=decided.seeker_id,
        reason=decided.decision_reason,
    )
    await record_deed(uow, deed, now)
    await tell(uow, "application", decided.id, decided.tenant_id, now)
    return decided
