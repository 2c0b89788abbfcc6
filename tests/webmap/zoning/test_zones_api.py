"""Zones by the API: examined, drawn, changed and withdrawn by those who may, with findings in words and places."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from spatial.ledger.models import Act
from spatial.people.models import User
from spatial.zones.models import Zone
from tests.webmap.field_cast import LAT, LON, Cast, square

pytestmark = pytest.mark.django_db
API = "/api/v1/sites/field/zones"
BOW_TIE = [[LON, LAT], [LON + 0.0002, LAT + 0.0002], [LON + 0.0002, LAT], [LON, LAT + 0.0002], [LON, LAT]]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def polygon(lon: float = LON, lat: float = LAT, half: float = 0.0001) -> dict[str, Any]:
    return json.loads(square(lon, lat, half).json)


def send(user: User, path: str, body: dict[str, Any], method: str = "post") -> Any:
    return getattr(client_of(user), method)(f"{API}{path}", json.dumps(body), content_type="application/json")


def drawn(**changes: Any) -> dict[str, Any]:
    return {"outline": polygon(), "bottom_m": 91.0, "top_m": 95.0, "code": "N1", "name": "新区"} | changes


def test_a_zone_is_drawn_by_the_safety_officer_and_is_on_the_map_with_its_hole(cast: Cast) -> None:
    ring = polygon()["coordinates"][0]
    hole = list(reversed(polygon(half=0.00002)["coordinates"][0]))
    answer = send(cast.safety, "", drawn(outline={"type": "Polygon", "coordinates": [ring, hole]}))
    assert answer.status_code == 201, answer.content
    zone = Zone.objects.get(code="N1")
    assert answer.json()["url"] == f"/sites/field/zones/{zone.pk}/"
    whole = 0.0002 * 0.0002 - 0.00004 * 0.00004
    assert zone.outline.area == pytest.approx(whole, rel=1e-9)
    features = client_of(cast.worker).get("/api/v1/sites/field/zones.geojson").json()["features"]
    found = next(feature for feature in features if feature["id"] == str(zone.pk))
    assert [len(rings) for rings in found["geometry"]["coordinates"]] == [2]
    assert zone.versions.get().recorded_by == cast.safety


@pytest.mark.parametrize(("who", "status"), [("worker", 403), ("engineer", 403), ("town", 403), ("stranger", 404)])
def test_others_may_not_draw_change_or_withdraw(cast: Cast, who: str, status: int) -> None:
    user, before = getattr(cast, who), list(Zone.objects.values())
    path = f"/{cast.edge.pk}"
    assert send(user, "", drawn()).status_code == status
    assert send(user, path, drawn(reason="改"), "put").status_code == status
    assert send(user, f"{path}/withdraw", {"reason": "拆"}).status_code == status
    assert list(Zone.objects.values()) == before


def test_a_self_crossing_outline_is_explained_with_its_crossing_and_a_repair(cast: Cast) -> None:
    body = drawn(outline={"type": "Polygon", "coordinates": [BOW_TIE]})
    examined = send(cast.manager, "/examine", body).json()
    (finding,) = examined["findings"]
    assert (finding["code"], finding["weight"], examined["fits"]) == ("self_crossing", "repair", False)
    assert finding["at"][0] == pytest.approx([LON + 0.0001, LAT + 0.0001], abs=1e-8)
    assert finding["after_m2"] == pytest.approx(203.1, abs=0.5)
    refused = send(cast.manager, "", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "self_crossing")
    assert "crosses itself" in refused.json()["detail"]
    assert not Zone.objects.filter(code="N1").exists()
    taken = send(cast.manager, "", drawn(outline=finding["repair"], repairs=["self_crossing"]))
    assert taken.status_code == 201
    assert taken.json()["area_m2"] == finding["after_m2"]
    assert Act.objects.get(verb="create_zone", subject_id=taken.json()["id"]).details["repairs"] == ["self_crossing"]


def test_what_leaves_the_site_is_clipped_or_kept_only_with_consent(cast: Cast) -> None:
    body = drawn(outline=polygon(lon=LON + 0.002))
    (finding,) = send(cast.manager, "/examine", body).json()["findings"]
    assert (finding["code"], finding["weight"]) == ("outside_site", "doubt")
    assert finding["after_m2"] == pytest.approx(finding["before_m2"] / 2, rel=1e-4)
    assert send(cast.manager, "", body).status_code == 422
    assert send(cast.manager, "", body | {"accepted": ["outside_site"]}).status_code == 201
    assert send(cast.manager, "/examine", drawn(outline=finding["repair"])).json()["fits"]


def test_swapped_axes_and_heights_upside_down_are_explained(cast: Cast) -> None:
    turned = {"type": "Polygon", "coordinates": [[[y, x] for x, y in polygon()["coordinates"][0]]]}
    (finding,) = send(cast.manager, "/examine", drawn(outline=turned)).json()["findings"]
    assert finding["code"] == "axes_swapped"
    assert finding["repair"]["coordinates"][0][0][0] == pytest.approx(polygon()["coordinates"][0][0], abs=1e-9)
    (finding,) = send(cast.manager, "/examine", drawn(bottom_m=95.0, top_m=91.0)).json()["findings"]
    assert finding["code"] == "height_upside_down"
    assert finding["text"] == "The bottom (95.0 m) is above the top (91.0 m)."


def test_heights_come_from_the_storeys_when_none_are_given(cast: Cast) -> None:
    body = drawn(bottom_m=None, top_m=None, storeys=[str(cast.storey.pk)])
    assert send(cast.manager, "", body).status_code == 201
    zone = Zone.objects.get(code="N1")
    assert (zone.bottom_m, zone.top_m, zone.storeys.get()) == (96.0, 99.0, cast.storey)


def test_a_change_is_a_version_and_an_older_page_cannot_overwrite_it(cast: Cast) -> None:
    path = f"/{cast.edge.pk}"
    body = drawn(code="Z-EDGE", name="二层西侧临边", kind="edge", outline=polygon(half=0.0003), reason="改名",
                 bottom_m=90.0, top_m=100.0, expected_version=1)  # fmt: skip
    answer = send(cast.manager, path, body, "put")
    assert (answer.status_code, answer.json()["version"]) == (200, 2), answer.content
    again = send(cast.manager, path, body | {"name": "别名"}, "put")
    assert (again.status_code, again.json()["code"]) == (409, "changed_meanwhile")
    rows = client_of(cast.worker).get(f"{API}{path}/versions").json()
    assert [row["number"] for row in rows] == [2, 1]
    assert rows[0]["changes"] == {"name": ["二层临边", "二层西侧临边"]}
    assert (rows[0]["reason"], rows[0]["recorded_by"]) == ("改名", "陈经理")
    cast.edge.refresh_from_db()
    assert cast.edge.name == "二层西侧临边"


def test_a_zone_is_withdrawn_with_a_reason_and_leaves_the_map(cast: Cast) -> None:
    path = f"/{cast.edge.pk}/withdraw"
    assert send(cast.manager, path, {"reason": ""}).status_code == 422
    assert send(cast.manager, path, {"reason": "外架拆除"}).json()["active"] is False
    assert send(cast.manager, path, {"reason": "外架拆除"}).status_code == 409
    assert client_of(cast.manager).get("/api/v1/sites/field/zones.geojson").json()["features"] == []


def test_refusals_are_in_the_language_of_the_account(cast: Cast) -> None:
    cast.manager.language = "zh-hans"
    cast.manager.save()
    body = drawn(outline=polygon(half=0.000001))
    assert "最小为 0.5 m²" in send(cast.manager, "", body).json()["detail"]
