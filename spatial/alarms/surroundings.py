"""When and where a state of a device counts: its wearer on shift, the helmet worn, the place one of work.

Places are noted as signals of their own (`resting`, `exposed`), from the newest fix, when a helmet is taken off and by
the watch while it is off: so what was known of the place stands beside what the device said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point

from spatial import crs
from spatial.alarms.catalogue import policy
from spatial.alarms.models import DeviceSignal
from spatial.alarms.policies import policy_of
from spatial.alarms.signal_rules import SignalFact, Span, Surroundings, common, spans, without
from spatial.devices.models import Device
from spatial.fences import defaults
from spatial.people.models import Person
from spatial.people.queries import shifts_by_team, shifts_for
from spatial.people.shift_rules import spans as shift_spans
from spatial.privacy.site_ground import are_inside
from spatial.tracks.models import LatestPosition
from spatial.tracks.queries import fixes_between
from spatial.wearing.queries import wearers_of
from spatial.zones.models import Zone

RESTING, EXPOSED = "resting", "exposed"
TAG_BELOW_M = defaults.engine_number("height_tolerance_m")
LONG_BEFORE = timedelta(days=7)
"""A state of the place that began this long before still counts."""


def surroundings_of(device: Device, spec: Mapping[str, Any], start: datetime, now: datetime) -> Surroundings:
    """Return when a state of a device counts from `start` on, and when it is graver."""
    within: list[Span] | None = None
    for need in spec.get("counts_while", ()):
        found = _WHEN[need](device, start, now)
        if found is not None:
            within = found if within is None else common(within, found)
    return Surroundings(within, _said(device, EXPOSED, start) if spec.get("higher") else ())


def _on_shift(device: Device, start: datetime, now: datetime) -> list[Span] | None:
    """The shifts of who wears the device; None (always) for who has none, and for a device that nobody wears."""
    person_id = wearers_of([device.pk])[device.pk].at(now)
    if person_id is None:
        return None
    site, team_id = device.site, Person.objects.values_list("team_id", flat=True).get(pk=person_id)
    known = shifts_for(team_id, shifts_by_team(site))
    if not known:
        return None
    first, last = (start - timedelta(days=2)).date(), (now + timedelta(days=1)).date()
    return [(span.opens_at, span.closes_at) for span in shift_spans(known, first, last, site.time_zone)]


def _worn(device: Device, start: datetime, now: datetime) -> list[Span]:
    return without([(start, None)], _said(device, "taken_off", start))


def _at_work(device: Device, start: datetime, now: datetime) -> list[Span]:
    return without([(start, None)], _said(device, RESTING, start))


_WHEN = {"on_shift": _on_shift, "worn": _worn, "at_work": _at_work}


def _said(device: Device, kind: str, start: datetime) -> list[Span]:
    rows = DeviceSignal.objects.filter(device=device, kind=kind, time__gte=start - LONG_BEFORE)
    return spans(SignalFact(*row) for row in rows.values_list("time", "ended"))


def note_place(*, device: Device, at: datetime, received_at: datetime) -> None:
    """This function will keep whether a device was in a place of rest or outside the site, or at height or under a
    load, by its newest fix of the minutes before `at`; without one nothing is known and nothing kept."""
    fix = _newest_fix(device, at)
    if fix is None:
        return
    time, lon, lat, height_m, accuracy_m = fix
    site, places = device.site, policy()["places"]
    east, north = crs.transform_point(lon, lat, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)
    kinds = _zone_kinds_at(site, lon, lat, height_m, [*places["resting"], *places["exposed"]])
    resting = bool(kinds & set(places["resting"])) or not are_inside(site, [east], [north], [accuracy_m])[0]
    _keep(device, RESTING, resting, time, received_at)
    _keep(device, EXPOSED, bool(kinds & set(places["exposed"])), time, received_at)


def _newest_fix(device: Device, at: datetime) -> tuple[datetime, float, float, float, float] | None:
    oldest = at - timedelta(seconds=policy_of(device.site, at)["places"]["fix_holds_s"])
    last = LatestPosition.objects.filter(device=device, fix_time__gte=oldest).first()
    if last is not None and last.fix_time <= at:
        return last.fix_time, last.point.x, last.point.y, float(last.point.z or 0.0), last.accuracy_m
    if last is None:
        return None
    rows = fixes_between(device.site, oldest, at + timedelta(microseconds=1), device=device)
    fix = next((row for row in reversed(rows) if row.plausible), None)
    return (fix.fix_time, fix.lon, fix.lat, fix.height_m, fix.accuracy_m) if fix else None


def _zone_kinds_at(site: Any, lon: float, lat: float, height_m: float, kinds: Iterable[str]) -> set[str]:
    """Return the kinds of zones that hold a place; a tag sits a little below the floor of its reading."""
    rows = Zone.objects.filter(site=site, active=True, kind__in=set(kinds), outline__covers=Point(lon, lat, srid=4490))
    return {
        kind
        for kind, bottom, top in rows.values_list("kind", "bottom_m", "top_m")
        if (bottom is None or height_m >= bottom - TAG_BELOW_M) and (top is None or height_m <= top)
    }


def _keep(device: Device, kind: str, holds: bool, time: datetime, received_at: datetime) -> None:
    before = DeviceSignal.objects.filter(device=device, kind=kind, time__lte=time).order_by("-time", "-ended").first()
    if holds == (before is not None and not before.ended):
        return
    DeviceSignal.objects.get_or_create(
        device=device,
        kind=kind,
        time=time,
        ended=not holds,
        defaults={"organisation_id": device.organisation_id, "site_id": device.site_id, "received_at": received_at},
    )
