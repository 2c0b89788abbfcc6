"""Public risk points of the demo's towns, kept by the district's regulator."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.utils import timezone

from spatial.people.models import User
from spatial.places.models import STORAGE_SRID, Region
from spatial.public_risks.models import PublicRisk
from spatial.public_risks.operations import Placed, add_public_risk
from spatial.public_risks.rules import RiskGiven
from webmap.demo.public_risks import PUBLIC_RISKS, DemoPublicRisk


def ensure_public_risks(regions: dict[str, Region], regulator: User, now: datetime) -> None:
    """This function will add the public risk points that are not there yet."""
    there = set(PublicRisk.objects.values_list("region__code", "code"))
    today = timezone.localdate(now)
    for plan in PUBLIC_RISKS:
        if (plan.town, plan.code) in there:
            continue
        given = RiskGiven(
            code=plan.code,
            name=plan.name,
            kind=plan.kind,
            method=plan.method,
            scores=plan.scores,
            direct_reason=plan.direct_reason,
            responsible_unit=plan.unit,
            responsible_person=plan.person,
            measures=plan.measures,
            next_check_on=today + timedelta(days=plan.check_in_days),
        )
        placed = Placed(regions[plan.town], given, _shape(plan), "EPSG:4490")
        add_public_risk(placed=placed, actor=regulator, now=now)


def _shape(plan: DemoPublicRisk) -> GEOSGeometry:
    if len(plan.at) == 1:
        return Point(*plan.at[0], srid=STORAGE_SRID)
    if plan.at[0] == plan.at[-1]:
        return Polygon(plan.at, srid=STORAGE_SRID)
    return LineString(plan.at, srid=STORAGE_SRID)
