"""The pages of public risk points: counts, adding on the map, a file with its preview, the map's layer, and who may."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from ingest.public_risks.template_file import EXAMPLE, template_workbook
from spatial import crs
from spatial.ledger.models import Act
from spatial.media import blob_path
from spatial.public_risks.models import PublicRisk
from tests.ingest.public_risks.test_reading import workbook
from tests.spatial.conftest import LAT, LON
from tests.spatial.public_risks.test_operations import add

pytestmark = pytest.mark.django_db
BASE = "/region/public-risks/"
LAYER = "/api/v1/region/public-risks.geojson"


def form(towns, **changes) -> dict[str, str]:
    fields = {
        "region": str(towns.east.pk), "code": "GG-010", "name": "北河漫水桥", "kind": "bridge", "crs": "EPSG:4490",
        "x": str(LON), "y": str(LAT), "method": "LEC", "lec_l": "6", "lec_e": "6", "lec_c": "15",
        "responsible_unit": "水务所", "responsible_person": "李河", "phone": "", "measures": "汛期封闭",
        "next_check_on": "2026-12-01",
    }  # fmt: skip
    return fields | changes


def xlsx(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("points.xlsx", content)


def test_a_point_is_added_with_its_photo_and_opens_again(towns, as_user, photo):
    client = as_user(towns.clerk)
    assert client.get(f"{BASE}new/").status_code == 200
    upload = SimpleUploadedFile("bridge.jpg", photo(3))
    answer = client.post(f"{BASE}new/", form(towns) | {"photo": upload})
    point = PublicRisk.objects.get()
    assert answer.headers["Location"] == f"{BASE}{point.pk}/"
    assert (point.grade, point.value, point.next_check_on) == (4, 540, date(2026, 12, 1))
    page = client.get(f"{BASE}{point.pk}/").content.decode()
    assert "D = 540" in page and "selected>6 · " in page
    picture = b"".join(client.get(f"{BASE}{point.pk}/photo/").streaming_content)
    assert Image.open(io.BytesIO(picture)).size == (64, 48)


def test_a_web_maps_coordinates_are_converted_at_the_door(towns, as_user):
    x, y = crs.to_gcj02(LON, LAT)
    as_user(towns.clerk).post(f"{BASE}new/", form(towns, crs="GCJ-02", x=str(x), y=str(y)))
    point = PublicRisk.objects.get()
    assert point.geometry.coords == pytest.approx((LON, LAT), abs=1e-8)
    assert point.source_crs == "GCJ-02"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": "", "y": ""}, "This field is required"),
        ({"lec_c": ""}, "C: — is no value of the table"),
        ({"method": "direct", "direct_reason": ""}, "direct judgement: — is no direct judgement"),
        ({"crs": "EPSG:4547", "x": "3847000", "y": "478000"}, "look swapped"),
        ({"x": "34.765", "y": "113.77"}, "not in China"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(towns, as_user, changes, words):
    before = Act.objects.count()
    answer = as_user(towns.clerk).post(f"{BASE}new/", form(towns, **changes))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert (PublicRisk.objects.count(), Act.objects.count()) == (0, before)


def test_a_file_that_is_no_picture_is_refused(towns, as_user):
    upload = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff no picture")
    answer = as_user(towns.clerk).post(f"{BASE}new/", form(towns) | {"photo": upload})
    assert answer.status_code == 422 and "cannot be read" in answer.content.decode()
    assert PublicRisk.objects.count() == 0


def test_the_list_counts_by_town_and_grade_and_filters(towns, as_user):
    add(towns)
    add(towns, code="GG-002", scores={"L": 10, "E": 6, "C": 15}, next_check_on=date(2020, 1, 1))
    add(towns, actor=towns.above, region=towns.west, method="LS", scores={"L": 1, "S": 1})
    client = as_user(towns.above)
    page = client.get(BASE)
    assert page.context["towns"] == [("东街道", [1, 0, 1, 0], 2), ("西街道", [0, 0, 0, 1], 1)]
    assert (page.context["total"], page.context["late_count"]) == ([1, 0, 1, 1], 1)
    counts = {query: client.get(f"{BASE}?{query}").context["page"].paginator.count for query in (
        "grade=4", "town=410105002", "late=1", "kind=road", "q=GG-002", "q=市政", "grade=99", "page=7",
    )}  # fmt: skip
    assert counts == {
        "grade=4": 1, "town=410105002": 1, "late=1": 1, "kind=road": 0, "q=GG-002": 1, "q=市政": 3, "grade=99": 0,
        "page=7": 3,
    }  # fmt: skip


def test_a_file_is_previewed_and_then_imported_whole(towns, as_user, settings):
    client = as_user(towns.clerk)
    template = client.get(f"{BASE}template.xlsx")
    assert template.content[:2] == b"PK"
    answer = client.post(f"{BASE}import/", {"file": xlsx(template_workbook("东街道")), "crs": "EPSG:4490"})
    preview = answer.context["preview"]
    assert (answer.status_code, preview["outcome"].new, preview["problems"]) == (200, 1, [])
    assert PublicRisk.objects.count() == 0
    done = client.post(f"{BASE}import/", {"ticket": preview["ticket"]}, follow=True)
    assert "Imported: 1 new, 0 changed, 0 the same." in done.content.decode()
    assert PublicRisk.objects.get().code == "GG-001"
    again = client.post(f"{BASE}import/", {"ticket": preview["ticket"]})
    assert again.status_code == 422 and "too old" in again.content.decode()


def test_a_bad_row_is_told_by_row_and_field_and_its_file_is_not_kept(towns, as_user, settings):
    row = {**EXAMPLE, "town": "东街道"}
    content = workbook(row, {**row, "code": "GG-002", "C": 14}, {**row, "code": "GG-003", "town": "西街道"})
    answer = as_user(towns.clerk).post(f"{BASE}import/", {"file": xlsx(content), "crs": "EPSG:4490"})
    assert answer.status_code == 422
    lines = [(line["row"], line["field"]) for line in answer.context["preview"]["problems"]]
    assert lines == [(2, "C"), (3, "town")]
    assert answer.context["preview"]["ticket"] == ""
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_a_ticket_of_somebody_else_imports_nothing(towns, as_user):
    answer = as_user(towns.above).post(
        f"{BASE}import/", {"file": xlsx(template_workbook("东街道")), "crs": "EPSG:4490"}
    )
    ticket = answer.context["preview"]["ticket"]
    assert as_user(towns.clerk).post(f"{BASE}import/", {"ticket": ticket}).status_code == 422
    assert PublicRisk.objects.count() == 0


def test_the_maps_layer_holds_what_the_user_regulates_with_grade_and_lateness(towns, as_user):
    late = add(towns, next_check_on=date(2020, 1, 1))
    add(towns, actor=towns.above, region=towns.west)
    (feature,) = as_user(towns.clerk).get(LAYER).json()["features"]
    assert (feature["id"], feature["properties"]["grade"], feature["properties"]["is_late"]) == (str(late.pk), 2, True)
    assert feature["geometry"] == {"type": "Point", "coordinates": [LON, LAT]}
    assert len(as_user(towns.above).get(LAYER).json()["features"]) == 2
    assert as_user(towns.cast.manager).get(LAYER).json()["features"] == []


def test_the_region_page_offers_the_layer_to_regulators_only(towns, as_user):
    add(towns)
    assert 'id="public-risks-switch"' in as_user(towns.clerk).get("/region/").content.decode()
    assert 'id="public-risks-switch"' not in as_user(towns.cast.manager).get("/region/").content.decode()


def test_a_point_is_closed_with_a_reason_only(towns, as_user):
    point, client = add(towns), as_user(towns.clerk)
    assert client.post(f"{BASE}{point.pk}/close/", {"reason": ""}).status_code == 422
    assert client.post(f"{BASE}{point.pk}/close/", {"reason": "已治理"}).status_code == 302
    assert client.get(LAYER).json()["features"] == []


def test_for_everybody_else_these_pages_do_not_exist(towns, as_user):
    point = add(towns)
    for user in (towns.cast.manager, towns.cast.worker, towns.cast.stranger):
        client = as_user(user)
        for path in ("", "new/", "import/", "template.xlsx", f"{point.pk}/", f"{point.pk}/photo/"):
            assert client.get(BASE + path).status_code == 404, path
        assert client.post(f"{BASE}new/", form(towns)).status_code == 404
        assert client.post(f"{BASE}{point.pk}/close/", {"reason": "x"}).status_code == 404
    neighbour = as_user(towns.neighbour)
    assert neighbour.get(f"{BASE}{point.pk}/").status_code == 404
    assert neighbour.post(f"{BASE}new/", form(towns)).status_code == 422  # the town is not offered
    assert PublicRisk.objects.count() == 1


def test_a_photo_lies_among_the_private_files(towns, as_user, photo):
    upload = SimpleUploadedFile("bridge.jpg", photo(1))
    as_user(towns.clerk).post(f"{BASE}new/", form(towns) | {"photo": upload})
    assert blob_path(PublicRisk.objects.get().photo_sha256).is_file()
