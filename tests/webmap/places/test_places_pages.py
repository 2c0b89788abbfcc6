"""The place tree in the browser: sent, previewed, consented to, looked through, exported; strangers get 404."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from spatial.people.models import User
from spatial.people.operations import create_user, grant_role
from spatial.places.models import PlaceFile, Region, Site, Space
from spatial.places.operations import create_region
from tests.ingest.vectors.place_files import excel, geojson, square
from tests.webmap.field_cast import LAT, LON, build_cast

ROOMS = [["楼栋", "楼层", "房间号", "房间名称"], ["1号楼", "2F", "201", "配电间"], ["1号楼", "2F", "202", "库房"]]


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.MEDIA_ROOT, settings.TWINWALL_DATA_ROOT = tmp_path / "media", tmp_path / "data"
    return build_cast()


@pytest.fixture
def owner(db):
    return create_user(username="owner", password="一座工地-2026", full_name="业主", language="en", is_superuser=True)


def session(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, kind: str, content: bytes, name: str, site: str = "") -> str:
    """Send a file and return the address of its preview."""
    answer = client.post("/places/import/", {"kind": kind, "site": site, "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer.headers["Location"]


def consent(html: str) -> dict[str, str]:
    """Return the hidden fields of the form that imports."""
    form = html[html.index('class="row consent"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def test_a_file_is_previewed_and_only_the_consent_writes_it(cast, owner):
    client = session(owner)
    shapes = [
        ({"adcode": 410105, "name": "金水区"}, square(LON, LAT, 0.05)),
        ({"adcode": 410100, "name": "郑州市"}, square(LON, LAT, 0.3)),
    ]
    preview = send(client, "regions", geojson(shapes), "郑州.geojson")
    html = client.get(preview).content.decode()
    assert Region.objects.count() == 0
    assert '<div class="figure" data-state="new"><dt>New</dt><dd>2</dd></div>' in html
    assert '"state": "new"' in html and "The file says EPSG:4326." in html
    answer = client.post(preview, consent(html))
    assert answer.status_code == 302 and answer.headers["Location"] == "/places/"
    assert Region.objects.get(code="410105").get_parent().code == "410100"
    assert PlaceFile.objects.get().counts == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    again = client.post(preview, consent(html))
    assert again.status_code == 409 and "This file was imported already." in again.content.decode()


def test_another_column_or_declaration_is_another_preview(cast, owner):
    client = session(owner)
    content = excel([["代号", "项目", "建设方", "X", "Y"], ["a-1", "甲", "中原建工", 3849000.0, 478000.0]])
    preview = send(client, "sites", content, "工地.xlsx")
    html = client.get(preview).content.decode()
    assert "Say which coordinates the file has" in html and "data-alert" in html
    asked = {
        "asked": "1",
        "datum": "EPSG:4547",
        "col_code": "代号",
        "col_name": "项目",
        "col_organisation": "建设方",
        "col_x": "X",
        "col_y": "Y",
    }
    html = client.get(preview, asked).content.decode()
    assert '<div class="figure" data-state="new"><dt>New</dt><dd>1</dd></div>' in html
    assert "Y was taken as east and X as north, by their values." in html
    assert client.get(preview, {**asked, "datum": "EPSG:99"}).status_code == 422
    assert client.post(preview, consent(html)).status_code == 302
    site = Site.objects.get(code="a-1")
    assert (round(site.location.x, 4), site.projected_srid) == (113.7597, 4547)


def test_what_cannot_be_read_says_why_and_rows_that_are_refused_stop_the_import(cast, owner):
    client = session(owner)
    answer = client.get(send(client, "sites", b"\xd0\xcf\x11\xe0old", "a.xls"))
    assert answer.status_code == 422 and "save it as .xlsx" in answer.content.decode()
    preview = send(client, "sites", excel([["编码", "名称", "施工单位"], ["a b", "甲", "无此公司"]]), "a.xlsx")
    html = client.get(preview).content.decode()
    assert "a b cannot be part of an address" in html and 'id="import"' not in html
    assert client.post(preview, consent(html)).status_code == 409
    assert Site.objects.count() == 2


def test_the_project_imports_its_own_spaces_and_sees_them(cast):
    client = session(cast.manager)
    assert client.get("/places/import/").content.decode().count("<option") == 2  # its kind, its site
    preview = send(client, "structure", excel(ROOMS), "房间.xlsx", site="field")
    html = client.get(preview).content.decode()
    assert client.post(preview, consent(html)).headers["Location"] == "/sites/field/places/"
    assert Space.objects.filter(site=cast.site).count() == 2
    page = client.get("/sites/field/places/").content.decode()
    assert "<b>201</b> 配电间" in page and "<dt>Spaces</dt><dd>2</dd>" in page
    book = load_workbook(io.BytesIO(client.get("/places/export/excel/?site=field").content))
    assert [row[6] for row in book["structure"].iter_rows(min_row=2, values_only=True)] == [None, None, "201", "202"]


def test_files_kinds_and_sites_that_are_not_ones_own_do_not_exist(cast, owner):
    preview = send(
        session(owner), "regions", geojson([({"adcode": 410105, "name": "金水区"}, square(LON, LAT))]), "a.geojson"
    )
    manager, stranger = session(cast.manager), session(cast.stranger)
    assert manager.get(preview).status_code == 404
    assert stranger.get("/places/import/").status_code == 404
    assert stranger.get("/sites/field/places/").status_code == 404
    assert stranger.get("/places/export/excel/?site=field").status_code == 404
    assert manager.get("/places/templates/regions.xlsx").status_code == 404
    assert manager.get("/places/templates/structure.xlsx").status_code == 200
    refused = manager.post("/places/import/", {"kind": "regions", "file": SimpleUploadedFile("a.csv", b"a,b")})
    assert refused.status_code == 400
    refused = manager.post(
        "/places/import/", {"kind": "structure", "site": "next-door", "file": SimpleUploadedFile("a.csv", b"a,b")}
    )
    assert refused.status_code == 400 and PlaceFile.objects.count() == 1


def test_the_tree_counts_only_sites_that_one_may_see(cast):
    city = create_region(code="410100", name="郑州市", level="city")
    district = create_region(code="410105", name="金水区", level="district", parent=city)
    other = create_region(code="410106", name="上街区", level="district", parent=Region.objects.get(pk=city.pk))
    Site.objects.filter(code="field").update(region=district)
    Site.objects.filter(code="next-door").update(region=other)
    regulator = create_user(username="r", password="一座工地-2026", full_name="监管", language="en")
    grant_role(user=regulator, role="dept_reviewer", region=district)
    page = session(regulator).get("/places/").content.decode()
    assert "郑州市" in page and '<td class="numeric">1</td>' in page and "邻家工地" not in page
    page = session(regulator).get(f"/places/regions/{city.pk}/").content.decode()
    assert "金水区" in page and "上街区" not in page
    page = session(regulator).get(f"/places/regions/{district.pk}/").content.decode()
    assert "金水一号工地" in page and "/sites/field/map/" in page
    assert session(regulator).get(f"/places/regions/{other.pk}/").status_code == 404
    assert session(cast.manager).get(f"/places/organisations/{cast.other_site.organisation_id}/").status_code == 404


@pytest.mark.parametrize("kind", ["regions", "organisations", "sites", "structure"])
def test_the_examples_of_a_template_can_be_imported_as_they_are(cast, owner, kind):
    client = session(owner)
    if kind == "sites":
        send_examples(client, "organisations")
        create_region(code="410105", name="金水区", level="district")
    html = send_examples(client, kind)
    assert 'data-state="refused"><dt>Refused</dt><dd>0</dd>' in html


def send_examples(client: Client, kind: str) -> str:
    """Fill a template with its own examples, import it, and return the preview."""
    book = load_workbook(io.BytesIO(client.get(f"/places/templates/{kind}.xlsx").content))
    assert book.sheetnames == [kind, "Columns", "Examples"]
    for row in book["Examples"].iter_rows(min_row=2, values_only=True):
        book[kind].append(row)
    out = io.BytesIO()
    book.save(out)
    preview = send(client, kind, out.getvalue(), f"{kind}.xlsx", site="field" if kind == "structure" else "")
    html = client.get(preview, {"datum": "EPSG:4490"} if kind != "organisations" else {}).content.decode()
    assert client.post(preview, consent(html)).status_code == 302, re.findall(r"<td>.*?</td>", html)[:9]
    return html


def test_the_pages_speak_chinese(cast, owner):
    owner.language = "zh-hans"
    owner.save()
    client = session(owner)
    preview = send(
        client,
        "sites",
        excel([["编码", "名称", "施工单位", "经度", "纬度"], ["a", "甲", "无", 478000, 3849000]]),
        "a.xlsx",
    )
    pages = ["/places/", "/places/import/", preview + "?datum=EPSG:4490", "/sites/field/places/"]
    for path in pages:
        html = client.get(path).content.decode()
        words = re.sub(r"<(script|style|option|code)\b.*?</\1>|<[^>]+>", " ", html[html.index("<main") :], flags=re.S)
        assert re.findall(r"[A-Za-z]{3,}(?:[ ,]+[A-Za-z]{2,})+", words) == [], path
    assert "以米为单位,而 EPSG:4490 以度为单位:请声明所用的投影坐标系。" in client.get(pages[2]).content.decode()
