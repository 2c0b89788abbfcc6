"""`/api/v1/sites...`: what is on a site and the state it is in now."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from spatial.devices.models import Device
from spatial.notices.queries import events_since
from spatial.places.models import Site, SiteMap
from spatial.places.queries import pictures_of
from spatial.privacy.queries import may_see_names
from spatial.zones.history import ZoneThen, zones_at
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.api.past import past_moment
from webmap.live.frames import event_payloads
from webmap.live.naming import stand_in_of
from webmap.live.payloads import EventOut, Positions, SiteState
from webmap.live.positions import positions_of
from webmap.live.state import place_of, site_state
from webmap.pages.plans.shown import plans_shown

router = Router(tags=["sites"])


class SiteOut(Schema):
    """A site as a list shows it."""

    id: UUID
    code: str
    name: str
    organisation: str
    region: str
    phase: str
    projected_srid: int
    time_zone: str
    url: str


class DeviceOut(Schema):
    """A device; fixed ones have a place."""

    id: UUID
    code: str
    name: str
    kind: str
    person: str
    active: bool
    report_interval_s: int
    lon: float | None
    lat: float | None
    h: float | None


class SiteMapOut(Schema):
    """A georeferenced picture; `corners` are lon/lat of the upper left, upper right, lower right, lower left."""

    id: UUID
    name: str
    url: str
    corners: list[tuple[float, float]]
    width_px: int
    height_px: int
    residual_rms_m: float
    valid_from: datetime


class Events(Schema):
    """Durable events after a cursor; `cursor` is where to go on."""

    cursor: int
    items: list[EventOut]


@router.get("/sites", response=list[SiteOut], summary="The sites that you may see")
def list_sites(request: HttpRequest) -> list[SiteOut]:
    sites = Site.objects.visible_to(request.user).select_related("organisation", "region")
    return [
        SiteOut(
            id=site.id,
            code=site.code,
            name=site.name,
            organisation=site.organisation.name,
            region=site.region.name if site.region else "",
            phase=site.phase,
            projected_srid=site.projected_srid,
            time_zone=site.time_zone,
            url=f"/sites/{site.code}/",
        )
        for site in sites
    ]


@router.get("/sites/{code}/state", response=SiteState, summary="Colours, reasons, alarms, tickets, counts")
def read_state(request: HttpRequest, code: str) -> SiteState:
    site = visible_site(request.user, code)
    return site_state(site, now=timezone.now(), named=may_see_names(request.user, site))


@router.get("/sites/{code}/zones.geojson", response=dict[str, Any], summary="Zone outlines and heights")
def read_zones(request: HttpRequest, code: str, at: datetime | None = None) -> dict[str, Any]:
    """The zones in use; with `at` those of a past moment, as they were then."""
    site = visible_site(request.user, code)
    if at is not None:
        moment = past_moment(at, now=timezone.now())
        return {"type": "FeatureCollection", "features": [_former_feature(z) for z in zones_at(site, at=moment)]}
    zones = Zone.objects.filter(site=site, active=True).select_related("fence", "parent").prefetch_related("storeys")
    return {"type": "FeatureCollection", "features": [_zone_feature(zone) for zone in zones.order_by("code")]}


def _former_feature(then: ZoneThen) -> dict[str, Any]:
    feature = _zone_feature(then.zone)
    feature["geometry"] = {"type": "MultiPolygon", "coordinates": then.outline.coords}
    feature["properties"] |= {"code": then.code, "name": then.name, "bottom_m": then.bottom_m, "top_m": then.top_m}
    return feature


def _zone_feature(zone: Zone) -> dict[str, Any]:
    fence = getattr(zone, "fence", None)
    return {
        "type": "Feature",
        "id": str(zone.id),
        "geometry": {"type": "MultiPolygon", "coordinates": zone.outline.coords},
        "properties": {
            "id": str(zone.id),
            "code": zone.code,
            "name": zone.name,
            "kind": zone.kind,
            "kind_text": zone.get_kind_display(),
            "bottom_m": zone.bottom_m,
            "top_m": zone.top_m,
            "parent": zone.parent.code if zone.parent else None,
            "storeys": [storey.name for storey in zone.storeys.all()],
            "fence": {"rule": fence.rule} if fence and fence.active else None,
        },
    }


@router.get("/sites/{code}/devices", response=list[DeviceOut], summary="The devices of a site")
def list_devices(request: HttpRequest, code: str) -> list[DeviceOut]:
    site = visible_site(request.user, code)
    named = may_see_names(request.user, site)
    devices = Device.objects.filter(site=site).select_related("person", "anchor").order_by("code")
    return [
        DeviceOut(
            id=device.id,
            code=device.code,
            name=device.name if named else stand_in_of(device),
            kind=device.kind,
            person=device.person.full_name if device.person and named else "",
            active=device.active,
            report_interval_s=device.report_interval_s,
            **place_of(device.anchor),
        )
        for device in devices
    ]


@router.get("/sites/{code}/positions", response=Positions, summary="Where the devices are now")
def read_positions(request: HttpRequest, code: str) -> Positions:
    site = visible_site(request.user, code)
    named = may_see_names(request.user, site)
    return positions_of([site.id], now=timezone.now(), named=named)[site.id]


@router.get("/sites/{code}/site-maps", response=list[SiteMapOut], summary="Georeferenced site plans")
def list_site_maps(request: HttpRequest, code: str) -> list[SiteMapOut]:
    site = visible_site(request.user, code)
    return [_site_map(row) for row in pictures_of(site, timezone.now())]


class PlanOut(Schema):
    """A plan of a site: a picture with its `corners`, or a drawing; `current` is the one that is valid now."""

    id: UUID
    kind: str
    name: str
    url: str
    corners: list[tuple[float, float]]
    valid_from: datetime
    current: bool
    residual_rms_m: float | None


@router.get("/sites/{code}/plans", response=list[PlanOut], summary="Plans of a site, pictures and drawings")
def list_plans(request: HttpRequest, code: str) -> list[PlanOut]:
    site = visible_site(request.user, code)
    return [PlanOut(**plan) for plan in plans_shown(site, timezone.now())]


def _site_map(row: SiteMap) -> SiteMapOut:
    ring = [(x, y) for x, y, *_ in row.outline.coords[0]]
    return SiteMapOut(
        id=row.id,
        name=row.name,
        url=f"/site-maps/{row.id}.png",
        corners=ring[:4],
        width_px=row.width_px,
        height_px=row.height_px,
        residual_rms_m=row.residual_rms_m,
        valid_from=row.valid_from,
    )


@router.get("/sites/{code}/events", response=Events, summary="Durable events after a cursor")
def read_events(
    request: HttpRequest, code: str, cursor: int = Query(0, ge=0), limit: int = Query(500, ge=1, le=1000)
) -> Events:
    site = visible_site(request.user, code)
    events = events_since(cursor=cursor, sites=[site.id], limit=limit)
    named = [site.id] if may_see_names(request.user, site) else []
    return Events(cursor=events[-1].id if events else cursor, items=event_payloads(events, named=named))
