"""A report that comes from a click in the 3D model: anchored on the element, measured from its corner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone
from pyproj import Transformer

from bim.models import Element
from bim.operations import queue_revision, run_revision
from spatial.hazards.models import Hazard
from spatial.people.models import User
from tests.bim.authoring import small_building
from tests.webmap.field_cast import LAT, LON, Cast

from .phone import report

Login = Callable[[User], Client]


def imported_wall(cast: Cast, settings: Any, folder: Path) -> Element:
    """Import a tiny building that stands on the cast's site, and return its wall."""
    settings.TWINWALL_DATA_ROOT = folder / "data"
    east, north = Transformer.from_crs(4490, 4547, always_xy=True).transform(LON, LAT)
    file = folder / "on-site.ifc"
    small_building(file, eastings=east, northings=north)
    with file.open("rb") as content:
        revision = queue_revision(
            site=cast.site, content=content, file_name=file.name, actor=cast.engineer, now=timezone.now()
        )
    run_revision(revision_id=revision.id)
    revision.refresh_from_db()
    assert revision.placed, revision.verdict
    return Element.objects.select_related("revision").get(revision=revision, ifc_class="IfcWall")


def test_the_clicked_element_is_told_before_and_kept_after_sending(
    cast: Cast, logged_in: Login, settings: Any, tmp_path: Path
) -> None:
    wall = imported_wall(cast, settings, tmp_path)
    model_id = str(wall.revision.model_id)
    client = logged_in(cast.worker)
    query = f"?model={model_id}&element={wall.global_id}&lon={LON}&lat={LAT}&h=112.0"
    page = client.get(f"/sites/field/hazards/new/{query}").content.decode()
    assert "外墙" in page and "IfcWall" in page and "112.00 m" in page
    answer = report(
        client, cast, event_id="wall", photo="wall", storey="", height_m="112.0",
        model_id=model_id, element_global_id=wall.global_id,
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()
    anchor = Hazard.objects.get().anchor
    assert (str(anchor.model_id), anchor.element_global_id, anchor.element_name) == (model_id, wall.global_id, "外墙")
    # the wall begins at the map conversion's origin (LON, LAT) at 110.5 m, and is turned 30 degrees:
    # its box reaches 0.2 m x sin 30 = 0.1 m west of it
    assert [round(value, 2) for value in anchor.offset_m] == [0.1, 0.0, 1.5]
    assert "外墙" in logged_in(cast.safety).get(f"/hazards/{Hazard.objects.get().id}/").content.decode()


def test_an_element_of_no_model_is_refused(cast: Cast, logged_in: Login) -> None:
    answer = report(
        logged_in(cast.worker), cast, event_id="none", photo="none",
        model_id="01a20000-0000-7000-8000-000000000000", element_global_id="0" * 22,
    )  # fmt: skip
    assert answer.status_code == 422 and "in no model of the site" in answer.content.decode()
    assert Hazard.objects.count() == 0
