"""The models of a site, the element index in the order of the tiles, the search, and one element in full."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from bim.models import Element
from spatial.hazards.models import Hazard
from spatial.places.operations import place_anchor
from spatial.risks.operations import create_risk_point
from spatial.rulebook.queries import current_edition
from spatial.zones.operations import start_trigger

from .conftest import NOW, Cast


def element_with_properties(cast: Cast) -> Element:
    """A meshed element of the model that has a property set."""
    return cast.revision.elements.filter(meshed=True, storey__isnull=False).exclude(properties={}).order_by("index")[0]


def url_of(element: Element) -> str:
    return f"/api/v1/models/{element.revision_id}/elements/{element.global_id}"


def anchor_on(cast: Cast, element: Element) -> Any:
    """An anchor in the middle of the element."""
    assert element.footprint
    middle = element.footprint.centroid
    return place_anchor(
        site=cast.site,
        lon=middle.x,
        lat=middle.y,
        height_m=element.box_max_z_m,
        model_id=cast.revision.model_id,
        element_global_id=element.global_id,
        element_name=element.name,
    )


def hazard_on(cast: Cast, element: Element, **values: Any) -> Hazard:
    """A ticket on the element, as the workflow leaves it in the table."""
    now = timezone.now()
    return Hazard.objects.create(
        organisation=cast.site.organisation,
        site=cast.site,
        anchor=anchor_on(cast, element),
        reporter=cast.manager,
        description="临边防护缺失",
        found_at=now,
        received_at=now,
        rule_edition=current_edition(on=now.date()),
        **values,
    )


def test_the_site_names_its_model_with_storeys_counts_and_the_addresses_of_its_parts(
    cast: Cast, as_manager: Client
) -> None:
    (model,) = as_manager.get("/api/v1/sites/ZD-TOWER/models").json()

    revision = cast.revision
    assert model["id"] == str(revision.id)
    assert model["model_id"] == str(revision.model_id)
    assert model["name"] == "一期主体"
    assert model["placed"] is revision.placed
    assert model["tileset_url"] == f"/tiles/{revision.id}/tileset.json"
    assert model["element_count"] == revision.elements.count()
    assert model["meshed_count"] == revision.elements.filter(meshed=True).count() > 0
    assert [storey["index"] for storey in model["storeys"]] == sorted(storey["index"] for storey in model["storeys"])
    on_storeys = revision.elements.filter(meshed=True, storey__isnull=False).count()
    assert sum(storey["element_count"] for storey in model["storeys"]) == on_storeys


def test_the_index_lists_every_element_at_the_place_that_its_tiles_name(cast: Cast, as_manager: Client) -> None:
    response = as_manager.get(f"/api/v1/models/{cast.revision.id}/element-index")
    columns = response.json()

    elements = list(cast.revision.elements.select_related("storey").order_by("index"))
    assert len(columns["global_ids"]) == elements[-1].index + 1
    for element in elements:
        assert columns["global_ids"][element.index] == element.global_id
        assert columns["class_names"][columns["classes"][element.index]] == element.ifc_class
        assert columns["storeys"][element.index] == (element.storey.index if element.storey else -1)
        assert columns["meshed"][element.index] == int(element.meshed)


def test_the_index_comes_gzipped_and_is_kept_by_the_users_own_browser_only(cast: Cast, as_manager: Client) -> None:
    url = f"/api/v1/models/{cast.revision.id}/element-index"
    plain = as_manager.get(url)
    packed = as_manager.get(url, headers={"accept-encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content)) == plain.json()
    assert set(packed["Cache-Control"].split(", ")) == {"private", "max-age=31536000", "immutable"}


def test_an_element_says_what_it_is_where_it_stands_and_its_properties_by_set(cast: Cast, as_manager: Client) -> None:
    element = element_with_properties(cast)

    facts = as_manager.get(url_of(element)).json()

    assert element.storey
    assert facts["global_id"] == element.global_id
    assert facts["ifc_class"] == element.ifc_class
    assert facts["storey"] == element.storey.name
    assert (facts["bottom_m"], facts["top_m"]) == (element.box_min_z_m, element.box_max_z_m)
    names = {group["name"]: {each["name"] for each in group["properties"]} for group in facts["property_groups"]}
    assert names == {name: set(values) - {"id"} for name, values in element.properties.items() if set(values) - {"id"}}
    assert facts["risks"] == facts["tickets"] == []


def test_a_risk_point_on_the_element_comes_with_its_colour_now_and_its_measures(cast: Cast, as_manager: Client) -> None:
    element = element_with_properties(cast)
    create_risk_point(
        site=cast.site,
        code="R-01",
        name="楼板临边",
        kind="facility",
        anchor=anchor_on(cast, element),
        sources=[
            {
                "name": "高处坠落",
                "accident_type": "高处坠落",
                "method": "LEC",
                "scores": {"L": 6, "E": 6, "C": 15},
                "measures": [{"kind": "engineering", "text": "设置防护栏杆"}],
            }
        ],
        responsible=[
            {"level": level, "full_name": "郑国栋", "phone": ""} for level in ("company", "project", "team", "post")
        ],
        actor=None,
        now=NOW,
    )

    (risk,) = as_manager.get(url_of(element)).json()["risks"]

    assert (risk["code"], risk["sources"], risk["measures"]) == ("R-01", ["高处坠落"], ["设置防护栏杆"])
    state = as_manager.get("/api/v1/sites/ZD-TOWER/state").json()
    assert risk["grade"] == state["risk_points"][0]["grade"] > 0


def test_an_overdue_ticket_is_marked_and_a_closed_one_is_gone(cast: Cast, as_manager: Client) -> None:
    element = element_with_properties(cast)
    deadline = timezone.now() - timedelta(hours=1)
    late = hazard_on(cast, element, number="HZ-1", state="ASSIGNED", deadline=deadline)
    hazard_on(cast, element, number="HZ-2", state="CLOSED", deadline=deadline)
    start_trigger(
        site=cast.site,
        kind="HAZ_GENERAL_OVERDUE",
        starts_at=deadline,
        source_kind="hazard",
        source_id=str(late.id),
        source_label="HZ-1",
        location=Point(113.625, 34.7466, 112.0, srid=4490),
        edition=late.rule_edition,
        now=deadline,
    )

    (ticket,) = as_manager.get(url_of(element)).json()["tickets"]

    assert (ticket["number"], ticket["overdue"], ticket["url"]) == ("HZ-1", True, f"/hazards/{late.id}/")


def test_a_search_finds_elements_by_part_of_their_class_and_by_their_whole_global_id(
    cast: Cast, as_manager: Client
) -> None:
    element = element_with_properties(cast)
    url = f"/api/v1/models/{cast.revision.id}/elements"
    of_class = cast.revision.elements.filter(meshed=True, ifc_class=element.ifc_class)

    by_class = as_manager.get(url, {"q": element.ifc_class.lower()}).json()
    by_id = as_manager.get(url, {"q": element.global_id}).json()
    by_nothing = as_manager.get(url, {"q": "  "}).json()

    assert by_class["total"] >= of_class.count()
    assert {item["index"] for item in by_class["items"]} >= set(of_class.values_list("index", flat=True))
    assert [item["global_id"] for item in by_id["items"]] == [element.global_id]
    assert by_nothing == {"total": 0, "items": []}


def test_elements_are_found_by_class_storey_material_classification_group_and_property(
    cast: Cast, as_manager: Client
) -> None:
    wall = cast.revision.elements.get(ifc_class="IfcWall")
    wall.materials = ["混凝土 C30", "岩棉"]
    wall.classifications = [{"system": "GB/T 51269", "code": "14-10.20", "name": "外墙"}]
    wall.groups = [{"ifc_class": "IfcZone", "global_id": "0zone", "name": "防火分区 1"}]
    wall.properties["Pset_WallCommon"]["IsExternal"] = True
    wall.save()

    def found(**asked: str) -> list[str]:
        answer = as_manager.get(f"/api/v1/models/{cast.revision.id}/elements", asked)
        assert answer.status_code == 200, answer.content
        names = [item["name"] for item in answer.json()["items"]]
        assert answer.json()["total"] == len(names)
        return sorted(names)

    assert found(**{"class": "ifcwall"}) == ["外墙"]
    assert found(storey="二层") == ["柱"]
    assert found(storey="首层") == ["办公室", "外墙", "楼板"]
    assert "楼梯" in found(storey="首层", shaped="false")
    assert found(material="岩棉") == found(classification="14-10.20") == found(classification="GB/T 51269") == ["外墙"]
    assert found(group="防火分区 1") == found(group="0zone") == ["外墙"]
    assert found(property="Pset_WallCommon.FireRating:二级") == ["外墙"]
    assert found(property="Pset_WallCommon.ThermalTransmittance:0.35") == ["外墙"]
    assert found(property="Pset_WallCommon.IsExternal:True") == ["外墙"]
    assert found(property="Pset_WallCommon.FireRating:一级") == found(material="岩") == found(material="\x00") == []
    assert found(property="Pset_WallCommon.ThermalTransmittance:1e999") == []
    assert found(material="岩棉", storey="二层") == found() == []
    refused = as_manager.get(f"/api/v1/models/{cast.revision.id}/elements", {"property": "FireRating"})
    assert refused.status_code == 422 and "Pset.Name:value" in refused.content.decode()
    facts = as_manager.get(url_of(wall)).json()
    assert (facts["materials"], facts["classifications"], facts["groups"]) == (
        wall.materials,
        wall.classifications,
        wall.groups,
    )


def test_a_stranger_gets_404_for_every_address_of_the_model(cast: Cast, as_stranger: Client) -> None:
    element = element_with_properties(cast)
    base = f"/api/v1/models/{cast.revision.id}"
    addresses = ["/api/v1/sites/ZD-TOWER/models", f"{base}/element-index", f"{base}/elements?q=Ifc", url_of(element)]

    assert [as_stranger.get(address).status_code for address in addresses] == [404, 404, 404, 404]


def test_somebody_who_is_not_logged_in_gets_401(cast: Cast) -> None:
    assert Client().get(f"/api/v1/models/{cast.revision.id}/element-index").status_code == 401


def test_an_unknown_element_answers_404(cast: Cast, as_manager: Client) -> None:
    response = as_manager.get(f"/api/v1/models/{cast.revision.id}/elements/0000000000000000000000")

    assert response.status_code == 404
