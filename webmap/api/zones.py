"""`/sites/{code}/zones...`: examine, draw, change and withdraw zones.

What is wrong with a zone is answered as findings with places and repairs. A zone that does not fit answers 422 with its
findings, a change of an older version 409, a person who may not 403; nothing is stored then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.errors import HttpError
from shapely.geometry.base import BaseGeometry

from spatial.places.models import Site, Storey
from spatial.zones.fitting import Examination, examine_on_site, heights_of_storeys, shape_of
from spatial.zones.live_causes import live_triggers_of
from spatial.zones.models import Zone
from spatial.zones.operations import ZoneRefused, create_zone, revise_zone, withdraw_zone
from spatial.zones.outline_repairs import polygons_of
from spatial.zones.outline_rules import Finding, Weight
from spatial.zones.versions import area_m2
from webmap.access import visible_site
from webmap.live.naming import told_causes
from webmap.pages.zoning.drafts import DraftRefused, outline_shape, parent_on, stored, storeys_on, zone_on
from webmap.pages.zoning.rights import may_edit_zones
from webmap.pages.zoning.words import finding_words, refusal_words

from .zone_forms import (
    DraftIn,
    ExaminationOut,
    FindingOut,
    RefusalOut,
    VersionOut,
    Withdrawal,
    ZoneChange,
    ZoneIn,
    ZoneOut,
)

router = Router(tags=["zones"])
CONFLICTS = {"changed_meanwhile", "live_triggers", "has_children", "withdrawn"}


REFUSED = {403: RefusalOut, 409: RefusalOut, 422: RefusalOut}


@dataclass(frozen=True)
class Draft:
    """A draft with what it names."""

    shape: Any
    bottom_m: float | None
    top_m: float | None
    parent: Zone | None
    storeys: list[Storey]


def finding_out(finding: Finding) -> FindingOut:
    repair = json.loads(shapely.to_geojson(finding.repair)) if finding.repair is not None else None
    areas = {name: finding.values.get(name) for name in ("before_m2", "after_m2", "change_m2")}
    return FindingOut(
        code=finding.code,
        weight=finding.weight.value,
        text=finding_words(finding),
        at=list(finding.at),
        repair=repair,
        **areas,
    )


def _editable(request: HttpRequest, code: str) -> Site:
    site = visible_site(request.user, code)
    if not may_edit_zones(request.user, site):
        raise HttpError(
            403, _("Zones are drawn by the project manager, the safety officer and the company's safety department.")
        )
    return site


def _read(payload: DraftIn, site: Site) -> Draft:
    """Return what a draft names. Raises HttpError 422 for what cannot be read."""
    try:
        shape = outline_shape(payload.outline)
        parent, storeys = parent_on(site, payload.parent), storeys_on(site, payload.storeys)
    except DraftRefused as error:
        raise HttpError(422, str(error)) from error
    bottom_m, top_m = payload.bottom_m, payload.top_m
    if bottom_m is None and top_m is None:
        bottom_m, top_m = heights_of_storeys(storeys)
    return Draft(shape, bottom_m, top_m, parent, storeys)


def _examined(draft: Draft, site: Site, zone: Zone | None) -> Examination:
    return examine_on_site(
        site=site,
        outline=draft.shape,
        bottom_m=draft.bottom_m,
        top_m=draft.top_m,
        zone=zone,
        parent=draft.parent,
        storeys=draft.storeys,
    )


def _unmet(examination: Examination, accepted: list[str]) -> list[Finding]:
    return [
        finding for finding in examination.findings if not (finding.weight == Weight.DOUBT and finding.code in accepted)
    ]


def _refusal(error: ZoneRefused) -> Status:
    findings = [finding_out(finding) for finding in error.findings]
    answer = RefusalOut(detail=refusal_words(error), code=error.code, findings=findings)
    return Status(409 if error.code in CONFLICTS else 422, answer)


def _does_not_fit(findings: list[Finding]) -> Status:
    words = " ".join(finding_words(finding) for finding in findings)
    return Status(422, RefusalOut(detail=words, code=findings[0].code, findings=[finding_out(row) for row in findings]))


def zone_out(zone: Zone) -> ZoneOut:
    shape = shape_of(zone.outline)
    return ZoneOut(
        id=zone.pk,
        code=zone.code,
        name=zone.name,
        kind=zone.kind,
        outline=json.loads(shapely.to_geojson(shape)),
        area_m2=area_m2(zone),
        bottom_m=zone.bottom_m,
        top_m=zone.top_m,
        parent=zone.parent_id,
        storeys=[row.pk for row in zone.storeys.all()],
        version=zone.version,
        active=zone.active,
        url=f"/sites/{zone.site.code}/zones/{zone.pk}/",
    )


@router.post("/sites/{code}/zones/examine", response={200: ExaminationOut}, summary="What is wrong with a drawn zone")
def examine_zone(request: HttpRequest, code: str, payload: DraftIn) -> ExaminationOut:
    """Nothing is stored."""
    site = visible_site(request.user, code)
    zone = zone_on(site, payload.zone) if payload.zone else None
    draft = _read(payload, site)
    examination = _examined(draft, site, zone)
    return ExaminationOut(
        findings=[finding_out(finding) for finding in examination.findings],
        area_m2=examination.area_m2,
        perimeter_m=examination.perimeter_m,
        bottom_m=draft.bottom_m,
        top_m=draft.top_m,
        fits=not examination.findings,
    )


@router.post("/sites/{code}/zones", response={201: ZoneOut, **REFUSED}, summary="Draw a zone")
def draw_zone(request: HttpRequest, code: str, payload: ZoneIn) -> Status:
    site = _editable(request, code)
    draft = _read(payload, site)
    if unmet := _unmet(_examined(draft, site, None), payload.accepted):
        return _does_not_fit(unmet)
    try:
        zone = create_zone(
            site=site,
            code=payload.code.strip(),
            name=payload.name.strip(),
            kind=payload.kind,
            outline=stored(draft.shape),
            bottom_m=draft.bottom_m,
            top_m=draft.top_m,
            parent=draft.parent,
            storeys=draft.storeys,
            accepted=payload.accepted,
            repairs=payload.repairs,
            reason=payload.reason,
            actor=request.user,
            now=timezone.now(),
        )
    except ZoneRefused as error:
        return _refusal(error)
    return Status(201, zone_out(zone))


@router.get("/sites/{code}/zones/{uuid:zone_id}", response=ZoneOut, summary="One zone in full")
def read_zone(request: HttpRequest, code: str, zone_id: UUID) -> ZoneOut:
    return zone_out(zone_on(visible_site(request.user, code), zone_id))


@router.get("/sites/{code}/zones/{uuid:zone_id}/versions", response=list[VersionOut], summary="What a zone was before")
def read_versions(request: HttpRequest, code: str, zone_id: UUID) -> list[VersionOut]:
    zone = zone_on(visible_site(request.user, code), zone_id)
    return [
        VersionOut(
            number=row.number,
            recorded_at=row.recorded_at,
            recorded_by=str(row.recorded_by) if row.recorded_by else "",
            reason=row.reason,
            changes=row.changes,
            repairs=row.repairs,
            content=row.content,
            outline=json.loads(row.outline.json),
        )
        for row in zone.versions.select_related("recorded_by")
    ]


def _is_same(left: BaseGeometry, right: BaseGeometry) -> bool:
    """Return whether two outlines have the same corners, give or take 0.1 mm."""
    own, other = (shapely.normalize(polygons_of(shape)) for shape in (left, right))
    return bool(shapely.equals_exact(own, other, 1e-9))


@router.put("/sites/{code}/zones/{uuid:zone_id}", response={200: ZoneOut, **REFUSED}, summary="Change a zone")
def change_zone(request: HttpRequest, code: str, zone_id: UUID, payload: ZoneChange) -> Status:
    """Makes a new version; the reason is kept with it."""
    site = _editable(request, code)
    zone = zone_on(site, zone_id)
    draft = _read(payload, site)
    if unmet := _unmet(_examined(draft, site, zone), payload.accepted):
        return _does_not_fit(unmet)
    changes: dict[str, Any] = {
        "code": payload.code.strip(),
        "name": payload.name.strip(),
        "kind": payload.kind,
        "bottom_m": draft.bottom_m,
        "top_m": draft.top_m,
        "parent": draft.parent,
        "storeys": draft.storeys,
    }
    if not _is_same(draft.shape, shape_of(zone.outline)):
        changes["outline"] = stored(draft.shape)
    try:
        revised = revise_zone(
            zone=zone,
            changes=changes,
            reason=payload.reason,
            accepted=payload.accepted,
            repairs=payload.repairs,
            expected_version=payload.expected_version,
            actor=request.user,
            now=timezone.now(),
        )
    except ZoneRefused as error:
        return _refusal(error)
    return Status(200, zone_out(revised))


@router.post(
    "/sites/{code}/zones/{uuid:zone_id}/withdraw", response={200: ZoneOut, **REFUSED}, summary="Withdraw a zone"
)
def take_out(request: HttpRequest, code: str, zone_id: UUID, payload: Withdrawal) -> Status:
    """409 with code live_triggers while its colour has causes, unless `confirmed`."""
    site = _editable(request, code)
    try:
        zone = withdraw_zone(
            zone=zone_on(site, zone_id),
            reason=payload.reason,
            confirmed=payload.confirmed,
            expected_version=payload.expected_version,
            actor=request.user,
            now=timezone.now(),
        )
    except ZoneRefused as error:
        if error.code == "live_triggers":
            causes = told_causes(live_triggers_of(zone_on(site, zone_id), now=timezone.now()))
            error.values["labels"] = ", ".join(causes[:5])
        return _refusal(error)
    return Status(200, zone_out(zone))
