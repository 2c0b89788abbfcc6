"""Zones are taken from the rooms, IfcZones and storeys of a model, and offered again when a revision differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bim.operations import import_file
from bim.zone_candidates import zone_candidates
from spatial.zones.models import Zone
from tests.bim.authoring import Author, small_building
from tests.webmap.field_cast import Cast

from .test_zone_pages import EAST, NORTH
from .test_zones_api import client_of

pytestmark = pytest.mark.django_db
PAGE = "/sites/field/zones/from-models/"


def building(path: Path) -> Author:
    """Write the small building on the site, with a second room 20 cm beside the first, both in one IfcZone."""
    author = small_building(path, EAST, NORTH)
    ground = author.file.by_type("IfcBuildingStorey")[0]
    beside = author.box("IfcSpace", (4_200, 1_000, 0), (3_000, 3_000, 2_800), name="会议室")
    author.relate("IfcRelAggregates", RelatingObject=ground, RelatedObjects=[beside])
    group = author.rooted("IfcZone", Name="防火分区 1-1")
    author.relate("IfcRelAssignsToGroup", RelatedObjects=author.file.by_type("IfcSpace"), RelatingGroup=group)
    author.save(path)
    return author


@pytest.fixture
def author(cast: Cast, tmp_path: Path) -> Author:
    made = building(tmp_path / "主体.ifc")
    import_file(path=tmp_path / "主体.ifc", site_code="field")
    return made


def facts(site: Any, kind: str) -> list[tuple]:
    return [
        (row.ifc_class, row.name, round(row.mended.after.area_m2, 2), row.mended.bottom_m, row.mended.top_m, row.state)
        for row in zone_candidates(site, kind=kind)
    ]


def take(cast: Cast, source: str, **fields: Any) -> Any:
    client = client_of(cast.safety)
    lines = client.get(PAGE, {"source": source}).context["lines"]
    body: dict[str, Any] = {"source": source, "pick": [str(line["number"]) for line in lines if line["ticked"]]}
    for line in lines:
        number, row = line["number"], line["candidate"]
        body |= {f"key-{number}": row.key, f"code-{number}": row.code, f"name-{number}": row.name}
        body[f"kind-{number}"] = line["kind"]
    return client.post(PAGE, body | fields)


def test_rooms_zones_and_storeys_are_offered_with_exact_areas_and_heights(cast: Cast, author: Author) -> None:
    assert facts(cast.site, "spaces") == [
        ("IfcSpace", "办公室", 9.0, 110.5, 113.3, "new"),
        ("IfcSpace", "会议室", 9.0, 110.5, 113.3, "new"),
    ]
    assert facts(cast.site, "zones") == [("IfcZone", "防火分区 1-1", 18.6, 110.5, 113.3, "new")]
    ground, *_above = facts(cast.site, "storeys")
    assert ground == ("IfcBuildingStorey", "首层", 59.0, 110.5, 113.5, "new")


def test_ticked_rooms_become_zones_that_keep_their_globalid_and_storey(cast: Cast, author: Author) -> None:
    assert take(cast, "spaces").status_code == 302
    zones = Zone.objects.exclude(element_global_id="").order_by("code")
    ids = {row.GlobalId for row in author.file.by_type("IfcSpace")}
    assert {zone.element_global_id for zone in zones} == ids
    assert [zone.code for zone in zones] == ["S001", "S002"]
    assert [[row.name for row in zone.storeys.all()] for zone in zones] == [["首层"], ["首层"]]
    assert [state for *_rest, state in facts(cast.site, "spaces")] == ["same", "same"]
    again = take(cast, "spaces")
    assert (again.status_code, Zone.objects.filter(code__startswith="S").count()) == (422, 2)


def test_a_later_revision_offers_the_update_of_what_it_changed(cast: Cast, author: Author, tmp_path: Path) -> None:
    take(cast, "spaces")
    room = author.file.by_type("IfcSpace")[0]
    room.Representation = author.body(3_000, 4_000, 2_800)
    author.save(tmp_path / "second.ifc")
    import_file(path=tmp_path / "second.ifc", site_code="field", model_name="主体")
    assert [(name, area, state) for _c, name, area, _b, _t, state in facts(cast.site, "spaces")] == [
        ("办公室", 12.0, "changed"),
        ("会议室", 9.0, "same"),
    ]
    assert take(cast, "spaces").status_code == 302
    zone = Zone.objects.get(element_global_id=room.GlobalId)
    assert zone.version == 2
    before_m2, after_m2 = zone.versions.get(number=2).changes["outline"]
    assert (round(before_m2, 2), round(after_m2, 2)) == (9.0, 12.0)


def test_one_that_does_not_fit_keeps_all_from_being_taken(cast: Cast, author: Author) -> None:
    answer = take(cast, "spaces", **{"code-1": "Z-EDGE"})
    assert answer.status_code == 422
    assert "Z-EDGE" in answer.context["error"]
    assert Zone.objects.filter(site=cast.site).count() == 1
