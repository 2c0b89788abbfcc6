"""`/api/v1/alarms...`: alarms that are not cleared, and who took note of them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.errors import HttpError

from spatial.alarms.models import Alarm
from spatial.alarms.operations import AlarmForbidden, acknowledge_alarm
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.naming import as_shown
from webmap.live.payloads import AlarmState
from webmap.live.state import active_alarms, alarm_state, alarms_shown

router = Router(tags=["alarms"])


class Acknowledgement(Schema):
    """`client_event_id` names this act: the same id again changes nothing."""

    client_event_id: str = ""


@router.get("/sites/{code}/alarms", response=list[AlarmState], summary="Alarms that are not cleared")
def list_alarms(request: HttpRequest, code: str) -> list[AlarmState]:
    site = visible_site(request.user, code)
    named = may_see_names(request.user, site)
    return [alarm_state(alarm) for alarm in alarms_shown(active_alarms([site.id]), named=named)]


@router.post("/alarms/{alarm_id}/acknowledge", response=AlarmState, summary="Take note of an alarm")
def acknowledge(request: HttpRequest, alarm_id: UUID, payload: Acknowledgement) -> AlarmState:
    alarm = Alarm.objects.visible_to(request.user).select_related("zone", "storey", "site").filter(id=alarm_id).first()
    if alarm is None:
        raise Http404(_("There is no such alarm, or you may not see it."))
    try:
        acknowledge_alarm(alarm=alarm, actor=request.user, now=timezone.now(), client_event_id=payload.client_event_id)
    except AlarmForbidden as error:
        raise HttpError(403, _("Your role on this site does not take note of alarms.")) from error
    alarm.refresh_from_db()
    return alarm_state(*as_shown([alarm], named=may_see_names(request.user, alarm.site)))
