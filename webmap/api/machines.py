"""`/api/v1/sites/CODE/machines`: machines and their moving danger zones, now or at a past moment."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from webmap.access import visible_site
from webmap.api.past import past_moment
from webmap.live.machines import MachinesOut, ground_of, machines_at, machines_of

router = Router(tags=["machines"])


@router.get("/sites/{code}/machines", response=MachinesOut, summary="Machines and what they make dangerous")
def read_machines(request: HttpRequest, code: str, at: datetime | None = None) -> MachinesOut:
    site, now = visible_site(request.user, code), timezone.now()
    if at is None:
        items = machines_of([site.pk], now=now).get(site.pk, [])
    else:
        items = machines_at(site, past_moment(at, now=now))
    return MachinesOut(items=items, ground=ground_of(site))
