"""Add, change and retire cameras; note who began to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial.cameras.models import Camera
from spatial.cameras.queries import may_manage
from spatial.cameras.rules import CameraRefused, check_view, read_address
from spatial.cameras.sealing import seal
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.places.operations import place_anchor


class CameraForbidden(CameraRefused):
    """The actor has no role on the site that may set up cameras."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraDraft:
    """What is said of a camera; `password` None keeps the one that is stored."""

    name: str
    address: str
    lon: float
    lat: float
    height_m: float
    username: str = ""
    password: str | None = None
    bearing_deg: float = 0.0
    tilt_deg: float = -15.0
    field_of_view_deg: float = 80.0
    range_m: float = 60.0


@transaction.atomic
def add_camera(*, site: Any, draft: CameraDraft, actor: Any, now: datetime, device: Any | None = None) -> Camera:
    """This function will add a camera to a site. Raises CameraRefused; nothing is then written."""
    _check_role(actor, site)
    camera = Camera(organisation_id=site.organisation_id, site=site, device=device)
    _fill(camera, draft)
    camera.anchor = place_anchor(site=site, lon=draft.lon, lat=draft.lat, height_m=draft.height_m)
    camera.save()
    _record(camera, "add_camera", actor, now)
    return camera


@transaction.atomic
def change_camera(*, camera: Camera, draft: CameraDraft, actor: Any, now: datetime) -> Camera:
    """This function will change what is known of a camera. Raises CameraRefused; nothing is then written."""
    camera = Camera.objects.select_for_update(of=("self",)).select_related("site", "anchor").get(pk=camera.pk)
    _check_role(actor, camera.site)
    _fill(camera, draft)
    place = Point(draft.lon, draft.lat, draft.height_m, srid=4490)
    if camera.anchor.geometry != place:
        camera.anchor = place_anchor(site=camera.site, lon=draft.lon, lat=draft.lat, height_m=draft.height_m)
    camera.save()
    _record(camera, "change_camera", actor, now)
    return camera


@transaction.atomic
def retire_camera(*, camera: Camera, actor: Any, now: datetime) -> None:
    """This function will take a camera out of use; its row and its acts stay. Twice changes nothing."""
    camera = Camera.objects.select_for_update(of=("self",)).select_related("site", "anchor").get(pk=camera.pk)
    _check_role(actor, camera.site)
    if camera.active:
        camera.active, camera.sealed_password = False, ""
        camera.save(update_fields=["active", "sealed_password"])
        _record(camera, "retire_camera", actor, now)


def note_look(*, camera: Camera, actor: Any, now: datetime) -> None:
    """This function will note in the ledger who began to look at a camera's live picture."""
    _record(camera, "look_at_camera", actor, now, event=False)


def _check_role(actor: Any, site: Any) -> None:
    if actor is not None and not may_manage(actor, site):
        raise CameraForbidden("role", "Cameras are set up by the safety officer, the project manager and the company.")


def _fill(camera: Camera, draft: CameraDraft) -> None:
    address = read_address(draft.address)
    check_view(
        bearing_deg=draft.bearing_deg,
        tilt_deg=draft.tilt_deg,
        field_of_view_deg=draft.field_of_view_deg,
        range_m=draft.range_m,
    )
    if not draft.name.strip():
        raise CameraRefused("name", "Give the camera a name.")
    others = Camera.objects.filter(site=camera.site, name=draft.name.strip()).exclude(pk=camera.pk)
    if others.exists():
        raise CameraRefused("name_taken", "Another camera of this site has this name.")
    if camera.address and camera.address != address.text and draft.password is None and not address.password:
        camera.sealed_password = ""  # a password is never sent to another address than the one it was given for
    camera.name, camera.address = draft.name.strip(), address.text
    camera.username = draft.username.strip() or address.username
    password = draft.password if draft.password is not None else (address.password or None)
    if password is not None:
        camera.sealed_password = seal(password)
    camera.bearing_deg, camera.tilt_deg = draft.bearing_deg, draft.tilt_deg
    camera.field_of_view_deg, camera.range_m = draft.field_of_view_deg, draft.range_m


def _record(camera: Camera, verb: str, actor: Any, now: datetime, *, event: bool = True) -> None:
    record_act(
        organisation=camera.organisation,
        site=camera.site,
        actor=actor,
        verb=verb,
        subject_kind="camera",
        subject_id=camera.pk,
        details={"name": camera.name, "address": camera.address},
        occurred_at=now,
        received_at=now,
        location=camera.anchor.geometry if camera.anchor.geometry.geom_type == "Point" else None,
    )
    if event:
        append_event(site=camera.site, kind="camera_changed", payload={"id": str(camera.pk)}, occurred_at=now)
