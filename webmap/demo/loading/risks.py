"""Risk points of the demo site, anchored on elements of the imported model, and those of the other sites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from bim.ifc.demo_project.identity import global_id
from bim.models import Revision
from bim.queries import element_by_global_id
from bim.tiles.frame import EnuFrame
from spatial.places.models import Anchor, Site
from spatial.places.operations import place_anchor
from spatial.risks.models import RiskPoint
from spatial.risks.operations import create_risk_point
from webmap.demo import district
from webmap.demo.loading.ground import OTHER_GROUND_M
from webmap.demo.placing import point_z
from webmap.demo.risk_catalogue import TEMPLATES
from webmap.demo.risk_points import demo_risk_points

RESPONSIBLE = (
    {"level": "company", "full_name": "郝正东", "phone": "0371-00000001"},
    {"level": "project", "full_name": "郑国栋", "phone": "0371-00000002"},
    {"level": "team", "full_name": "安晓敏", "phone": "0371-00000003"},
    {"level": "post", "full_name": "高志远", "phone": "0371-00000004"},
)


def anchor_on_element(site: Site, revision: Revision, key: str, at: tuple[float, float, float]) -> Anchor:
    """This function will anchor a local point on the element that the demo project calls ``key``."""
    lon, lat, height = point_z(*at)
    element = element_by_global_id(revision, global_id(key))
    if element is None:
        raise LookupError(f"The imported model has no element {key}.")
    return place_anchor(
        site=site,
        lon=lon,
        lat=lat,
        height_m=height,
        model_id=revision.model_id,
        element_global_id=element.global_id,
        element_name=element.name,
        offset_m=_offset(revision, element.local_box, (lon, lat, height)),
    )


def _offset(revision: Revision, box: tuple[float, ...] | None, at: tuple[float, float, float]) -> list[float] | None:
    """Metres from the element's lower corner, in the tileset's frame; None where element or model has no place."""
    origin = (revision.georeference or {}).get("origin")
    if box is None or not origin:
        return None
    frame = EnuFrame(origin["lon"], origin["lat"], origin["height_m"])
    local = frame.from_geodetic(np.array([at]))[0]
    return [round(float(value - corner), 3) for value, corner in zip(local, box[:3], strict=True)]


def ensure_risk_points(site: Site, revision: Revision, now: datetime) -> dict[str, RiskPoint]:
    """This function will make the demo site's risk points, and return them by code."""
    there = {point.code: point for point in RiskPoint.objects.filter(site=site)}
    for plan in demo_risk_points():
        if plan.code not in there:
            anchor = anchor_on_element(site, revision, plan.element, plan.at)
            there[plan.code] = _create(site, plan.code, plan.name, plan.template, anchor, now)
    return there


def ensure_other_risks(sites: list[tuple[Site, district.DistrictSite]], now: datetime) -> int:
    """This function will make the risk points of the other sites by their profiles, and return how many there are."""
    count = 0
    for site, plan in sites:
        there = set(RiskPoint.objects.filter(site=site).values_list("code", flat=True))
        ring = plan.ring(0.5)
        for number, template in enumerate(district.PROFILE_RISKS[plan.profile], start=1):
            count += 1
            code = f"R-{number:02d}"
            if code in there:
                continue
            lon, lat = ring[number]
            anchor = place_anchor(site=site, lon=lon, lat=lat, height_m=OTHER_GROUND_M)
            _create(site, code, template, template, anchor, now)
    return count


def _create(site: Site, code: str, name: str, template: str, anchor: Anchor, now: datetime) -> RiskPoint:
    kind = TEMPLATES[template]
    sources: list[Any] = [source.given() for source in kind.sources]
    return create_risk_point(
        site=site,
        code=code,
        name=name,
        kind=kind.kind,
        anchor=anchor,
        sources=sources,
        residual_grade=kind.residual_grade,
        responsible=RESPONSIBLE,  # type: ignore[arg-type]
        actor=None,
        now=now,
    )
