"""Plans of a site in the browser: pictures with residuals, drawings by layers, current and future ones, strangers."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from ingest.rasters.operations import import_site_map
from spatial import crs
from spatial.people.models import User
from spatial.places.models import SiteDrawing, SiteMap
from tests.ingest.vectors.test_drawings import dxf
from tests.webmap.field_cast import LAT, LON, build_cast

EAST, NORTH = crs.transform_point(LON, LAT, from_srid=4490, to_srid=4547)
CORNERS = ((0, 0), (400, 0), (400, 200), (0, 200))


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.MEDIA_ROOT, settings.TWINWALL_DATA_ROOT = tmp_path / "media", tmp_path / "data"
    return build_cast()


def session(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 200), "white").save(out, "PNG")
    return out.getvalue()


def lines(worst_m: float = 0.0) -> str:
    """Control points at half a metre a pixel, the last of five off by some metres."""
    rows = [(x, y, EAST + x / 2, NORTH - y / 2) for x, y in CORNERS]
    rows.append((200, 100, EAST + 100 + worst_m, NORTH - 50))
    return "\n".join(f"{x} {y} {east:.3f} {north:.3f}" for x, y, east, north in rows)


def send_picture(client: Client, points: str, day: str = ""):
    form = {"plan-name": "主体阶段", "plan-points": points, "plan-valid_from": day, "plan-send": "1",
            "plan-image": SimpleUploadedFile("plan.png", png())}  # fmt: skip
    return client.post("/sites/field/plans/", form)


def test_a_picture_is_placed_with_its_residuals_shown(cast):
    client = session(cast.manager)
    assert send_picture(client, lines(0.2), "2026-03-01").status_code == 302
    row = SiteMap.objects.get()
    assert row.valid_from == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    html = client.get("/sites/field/plans/").content.decode()
    assert "5 control points, RMS 0.080 m" in html
    assert re.findall(r"<strong>([\d.]+) ← worst", html) == ["0.160"]
    assert html.count(">0.040<") == 4


def test_a_bad_fit_is_refused_with_every_residual_and_stores_nothing(cast):
    answer = send_picture(session(cast.manager), lines(8))
    html = answer.content.decode()
    assert answer.status_code == 400 and SiteMap.objects.count() == 0
    assert "The control points do not fit: RMS 3.20 m, more than 0.5 m. The worst is point 5 with 6.40 m." in html
    assert re.findall(r"<strong>([\d.]+) ← worst", html) == ["6.40"] and html.count(">1.60<") == 4


def test_the_plan_of_a_day_to_come_is_not_the_current_one(cast):
    now = datetime.now(UTC)
    points = [{"pixel": [x, y], "map": [EAST + x / 2, NORTH - y / 2]} for x, y in CORNERS]
    for name, days in (("old", -30), ("now", -1), ("next", 30)):
        import_site_map(site=cast.site, name=name, image=io.BytesIO(png()), file_name="a.png", control_points=points,
                        actor=None, now=now, valid_from=now + timedelta(days=days))  # fmt: skip
    client = session(cast.worker)
    plans = client.get("/api/v1/sites/field/plans").json()
    assert [(plan["name"], plan["current"]) for plan in plans] == [("next", False), ("now", True), ("old", False)]
    assert [row["name"] for row in client.get("/api/v1/sites/field/site-maps").json()] == ["now", "old", "next"]
    html = client.get("/sites/field/plans/").content.decode()
    assert 'id="plan-slider"' in html and 'id="plan-form"' not in html  # a worker looks, and does not import


def test_a_drawing_is_looked_at_by_layers_and_imported(cast):
    client = session(cast.engineer)
    file = SimpleUploadedFile("总平面.dxf", dxf(east=EAST, north=NORTH))
    answer = client.post("/sites/field/plans/", {"drawing-file": file, "drawing-send": "1"})
    page = answer.headers["Location"]
    html = client.get(page).content.decode()
    assert "The drawing says m ($INSUNITS)." in html and html.count('class="layer-card"') == 2
    assert 'value="EPSG:4547"' in html and html.count("checked") == 2
    form = {"name": "施工总平面", "unit": "m", "datum": "EPSG:4547", "layers": ["围挡"]}
    looked = client.post(page, {**form, "look": "1"}).content.decode()
    assert SiteDrawing.objects.count() == 0
    shapes = json.loads(re.search(r'id="drawing-shapes" type="application/json">(.*?)</script>', looked, re.S)[1])
    assert [feature["properties"]["layer"] for feature in shapes["features"]] == ["围挡"]
    refused = client.post(page, {**form, "unit": "mm", "import": "1"})
    assert refused.status_code == 400 and "lies outside China" in refused.content.decode()
    assert client.post(page, {**form, "import": "1"}).status_code == 302
    row = SiteDrawing.objects.get()
    plan = client.get("/api/v1/sites/field/plans").json()[0]
    assert (plan["kind"], plan["url"]) == ("drawing", f"/site-drawings/{row.pk}.geojson")
    answer = client.get(plan["url"])
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/geo+json"
    again = client.get(plan["url"], HTTP_IF_NONE_MATCH=answer.headers["ETag"])
    assert again.status_code == 304
    assert session(cast.stranger).get(plan["url"]).status_code == 404
    assert session(cast.stranger).get(page).status_code == 404
    assert session(cast.worker).get(page).status_code == 404


def test_a_dwg_is_answered_with_what_to_do_and_a_worker_may_not_send(cast):
    client = session(cast.manager)
    sent = {"drawing-file": SimpleUploadedFile("a.dwg", b"AC1032"), "drawing-send": "1"}
    page = client.post("/sites/field/plans/", sent).headers["Location"]
    answer = client.get(page)
    assert answer.status_code == 422 and "save it as DXF" in answer.content.decode()
    sent["drawing-file"] = SimpleUploadedFile("a.dwg", b"AC1032")
    assert session(cast.worker).post("/sites/field/plans/", sent).status_code == 404
