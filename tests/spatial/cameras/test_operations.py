"""Cameras are kept with sealed passwords; a refusal leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from spatial.cameras.models import Camera
from spatial.cameras.operations import CameraDraft, CameraForbidden, add_camera, change_camera, retire_camera
from spatial.cameras.rules import CameraRefused
from spatial.cameras.sealing import unseal
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.places.models import Anchor
from tests.webmap.field_cast import LAT, LON, Cast, build_cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DRAFT = CameraDraft(
    name="东门", address="rtsp://admin:secret-7@192.168.1.20/live", lon=LON, lat=LAT, height_m=99.0, bearing_deg=90
)


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def test_a_password_is_stored_sealed_and_nowhere_else(cast: Cast) -> None:
    camera = add_camera(site=cast.site, draft=DRAFT, actor=cast.safety, now=NOW)
    assert (camera.address, camera.username) == ("rtsp://192.168.1.20:554/live", "admin")
    assert "secret-7" not in camera.sealed_password and unseal(camera.sealed_password) == "secret-7"
    act = Act.objects.get(verb="add_camera")
    assert act.details == {"name": "东门", "address": "rtsp://192.168.1.20:554/live"}
    assert "secret-7" not in str(Event.objects.get(kind="camera_changed").payload)


def test_a_password_that_is_not_given_again_stays_but_never_goes_to_another_address(cast: Cast) -> None:
    camera = add_camera(site=cast.site, draft=DRAFT, actor=cast.safety, now=NOW)
    same = replace(DRAFT, address=camera.address, username="admin", bearing_deg=120)
    camera = change_camera(camera=camera, draft=same, actor=cast.safety, now=NOW)
    assert (unseal(camera.sealed_password), camera.bearing_deg) == ("secret-7", 120)
    elsewhere = replace(same, address="rtsp://192.168.1.66/live")
    camera = change_camera(camera=camera, draft=elsewhere, actor=cast.safety, now=NOW)
    assert camera.sealed_password == ""


def test_another_secret_of_the_instance_says_that_the_password_must_be_entered_again(cast: Cast, settings) -> None:
    camera = add_camera(site=cast.site, draft=DRAFT, actor=cast.safety, now=NOW)
    settings.SECRET_KEY = "another"
    with pytest.raises(CameraRefused, match="enter it again"):
        unseal(camera.sealed_password)


def test_a_worker_may_not_set_up_a_camera_and_nothing_is_written(cast: Cast) -> None:
    with pytest.raises(CameraForbidden):
        add_camera(site=cast.site, draft=DRAFT, actor=cast.worker, now=NOW)
    with pytest.raises(CameraRefused):
        add_camera(site=cast.site, draft=replace(DRAFT, address="file:///etc/passwd"), actor=cast.safety, now=NOW)
    anchors = Anchor.objects.count()
    add_camera(site=cast.site, draft=DRAFT, actor=cast.safety, now=NOW)
    with pytest.raises(CameraRefused, match="has this name"):
        add_camera(site=cast.site, draft=DRAFT, actor=cast.safety, now=NOW)
    assert (Camera.objects.count(), Anchor.objects.count()) == (1, anchors + 1)


def test_a_retired_camera_forgets_its_password(cast: Cast) -> None:
    camera = add_camera(site=cast.site, draft=DRAFT, actor=cast.safety, now=NOW)
    retire_camera(camera=camera, actor=cast.manager, now=NOW)
    retire_camera(camera=camera, actor=cast.manager, now=NOW)
    camera.refresh_from_db()
    assert (camera.active, camera.sealed_password) == (False, "")
    assert Act.objects.filter(verb="retire_camera").count() == 1
