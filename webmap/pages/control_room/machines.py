"""What the control room's list of machines knows beside the stream: operators, wind, and machines without a shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from spatial.machines.models import Machine
from spatial.machines.queries import open_operations
from spatial.observations.models import LatestObservation
from spatial.observations.quantities import quantity_of
from spatial.places.models import Site
from webmap.live.machines import machines_of
from webmap.pages.machines.states import state_of
from webmap.pages.observations.words import value_words

WIND = "wind_speed"


def machine_facts(site: Site, *, now: datetime, named: bool) -> list[dict[str, Any]]:
    """Return operator, wind and last time heard of per machine in use; not `named`, operators are their trades.

    Machines that the stream does not send (without crane or vehicle measures) come with their state and values.
    """
    machines = list(Machine.objects.filter(site=site, active=True).prefetch_related("devices").order_by("code"))
    drawn = {out.id for out in machines_of([site.pk], now=now).get(site.pk, [])}
    runs = open_operations([machine.pk for machine in machines])
    newest = _newest(site)
    return [_fact(machine, runs, newest, now, named=named, drawn=machine.pk in drawn) for machine in machines]


def _newest(site: Site) -> dict[UUID, list[LatestObservation]]:
    """Return the newest values of the site's machines, by machine."""
    rows = LatestObservation.objects.filter(
        site=site, time__isnull=False, datastream__device__attached_to__isnull=False
    )
    found: dict[UUID, list[LatestObservation]] = {}
    for row in rows.select_related("datastream__device__attached_to").order_by("-time"):
        found.setdefault(row.datastream.device.attached_to.machine_id, []).append(row)
    return found


def _fact(
    machine: Machine,
    runs: dict[UUID, Any],
    newest: dict[UUID, list[LatestObservation]],
    now: datetime,
    *,
    named: bool,
    drawn: bool,
) -> dict[str, Any]:
    values = newest.get(machine.pk, [])
    wind = next((row for row in values if row.datastream.quantity == WIND), None)
    run = runs.get(machine.pk)
    operator = run.person if run is not None else None
    fact: dict[str, Any] = {
        "id": machine.pk,
        "operator": (operator.full_name if named else operator.trade) if operator is not None else "",
        "verified": bool(run is not None and run.verified),
        "wind": value_words(wind.value, quantity_of(WIND)) if wind is not None else "",
        "seen": int(values[0].time.timestamp() * 1000) if values and values[0].time else None,
    }
    if not drawn:
        state, said = state_of(machine, None, now)
        fact |= {"code": machine.code, "name": machine.name, "state": state, "values": [said] if said else []}
        fact["url"] = reverse("machine", args=[machine.site.code, machine.pk])
    return fact
