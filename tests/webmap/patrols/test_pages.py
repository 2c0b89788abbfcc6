"""Patrols on the pages: plan, walk by list or code, find something and report it, read the records."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlparse

import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from PIL import Image

from spatial.hazards.models import Hazard
from spatial.patrols.models import Patrol, PatrolRoute, PatrolStop
from spatial.patrols.operations import plan_patrols
from tests.webmap.field_cast import LAT, LON, build_cast, photo_bytes
from webmap.wording.reasons import reason_url

pytestmark = pytest.mark.django_db
BASE = "/sites/field/risks/patrols/"


@pytest.fixture
def cast(db):
    cast = build_cast()
    for user in (cast.worker, cast.safety, cast.manager, cast.stranger):
        user.language = "en"
        user.save()
    return cast


@pytest.fixture
def planned(cast):
    plan_patrols(site=cast.site, actor=None, now=timezone.now())
    return cast


def as_user(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def stop_url() -> str:
    return f"{BASE}stops/{PatrolStop.objects.get().pk}/"


def put_back(days: int) -> Patrol:
    """Let the open patrol have been due some days ago."""
    patrol = Patrol.objects.get(done_at__isnull=True)
    for name in ("opens_at", "due_at", "missed_from"):
        setattr(patrol, name, getattr(patrol, name) - timedelta(days=days))
    patrol.save()
    return patrol


def test_the_safety_officer_plans_and_others_may_not(cast):
    text = words(as_user(cast.worker).get(BASE))
    assert "No patrols are planned yet." in text and "Plan the patrols" not in text
    assert as_user(cast.worker).post(f"{BASE}plan/").status_code == 404
    assert as_user(cast.stranger).get(BASE).status_code == 404
    officer = as_user(cast.safety)
    assert "Plan the patrols" in words(officer.get(BASE))
    assert officer.post(f"{BASE}plan/")["Location"] == BASE
    route = PatrolRoute.objects.get()
    assert (route.level, route.period, route.responsible_name) == ("post", "shift", "周班长")
    text = words(officer.get(BASE))
    assert "1 patrols added, 0 withdrawn" in text and "周班长" in text


def test_a_stop_is_checked_with_place_and_photo_and_the_record_says_how_far(planned):
    client = as_user(planned.worker)
    assert "设置防护栏杆" in words(client.get(stop_url()))
    data = {"outcome": "good", "lon": LON, "lat": LAT + 0.0001, "accuracy_m": 5, "by_code": "on"}
    answer = client.post(stop_url(), {**data, "photo": io.BytesIO(photo_bytes("巡查"))})
    patrol = Patrol.objects.get(done_at__isnull=False)
    assert answer["Location"] == f"{BASE}records/{patrol.pk}/"
    assert (patrol.done_by, patrol.distance_m, patrol.by_code) == (planned.worker, pytest.approx(11.1, abs=0.1), True)
    text = words(client.get(answer["Location"]))
    assert "11 m from the risk point (± 5 m)" in text and "code scanned" in text
    assert "Everything is done for this period." in text
    photo = client.get(f"/patrols/{patrol.pk}/photo/")
    assert photo["Content-Type"] == "image/jpeg"
    assert as_user(planned.stranger).get(f"/patrols/{patrol.pk}/photo/").status_code == 404
    assert "Checked for this period." in words(client.get(stop_url()))
    assert "RP-01 楼层临边作业" in words(client.get(f"{BASE}records/?point=RP-01"))
    assert client.get(f"{BASE}records/?point=RP-02").context["lines"] == []


@pytest.mark.parametrize(
    ("data", "field"),
    [({}, "outcome"), ({"outcome": "finding"}, "note"), ({"outcome": "good", "photo": b"%PDF"}, "photo"),
     ({"outcome": "good", "lat": "95"}, "lat")],
)  # fmt: skip
def test_bad_input_is_told_at_its_field_and_nothing_is_recorded(planned, data, field):
    if "photo" in data:
        data = {**data, "photo": io.BytesIO(data["photo"])}
    answer = as_user(planned.worker).post(stop_url(), data)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Patrol.objects.get().done_at is None


def test_a_finding_becomes_a_hazard_of_the_same_risk_point(planned):
    client = as_user(planned.worker)
    page = client.post(stop_url(), {"outcome": "finding", "note": "护栏松动"})["Location"]
    patrol = Patrol.objects.get(done_at__isnull=False)
    link = client.get(page).context["report_url"]
    given = {name: values[0] for name, values in parse_qs(urlparse(link).query).items()}
    assert given == {"patrol": str(patrol.pk), "lon": f"{LON:.7f}", "lat": f"{LAT:.7f}", "h": "97.00"}
    form = client.get(link)
    assert "RP-01 楼层临边作业" in words(form) and "护栏松动" in words(form)
    initial = form.context["form"].initial
    sent = {
        "description": initial["description"],
        "lon": LON,
        "lat": LAT,
        "height_m": 97,
        "client_event_id": initial["client_event_id"],
        "patrol": patrol.pk,
        "photos": io.BytesIO(photo_bytes("巡查")),
    }
    category = next(value for value, _ in form.context["form"].fields["category"].choices if value)
    assert client.post("/sites/field/hazards/new/", {**sent, "category": category}).status_code == 302
    hazard, patrol = Hazard.objects.get(), Patrol.objects.get(pk=patrol.pk)
    assert (hazard.risk_point_id, patrol.hazard_id) == (patrol.risk_point_id, hazard.pk)
    assert "Open the ticket" in words(client.get(page))


def test_a_patrol_of_another_site_fills_nothing_in(planned):
    as_user(planned.worker).post(stop_url(), {"outcome": "finding", "note": "护栏松动"})
    patrol = Patrol.objects.get(done_at__isnull=False)
    for wrong in (f"/sites/next-door/hazards/new/?patrol={patrol.pk}", "/sites/next-door/hazards/new/?patrol=x"):
        answer = as_user(planned.stranger).get(wrong)
        assert answer.status_code == 200 and answer.context["form"].finding is None


def test_late_and_missed_come_first_and_say_since_when(planned):
    patrol = put_back(days=3)
    answer = as_user(planned.safety).get(BASE)
    assert answer.context["counts"] == {"missed": 1}
    [line] = answer.context["pressing"]
    assert (line["how"], line["patrol"].pk) == ("missed", patrol.pk)
    local = patrol.missed_from + timedelta(hours=8)
    assert f"colours since {local:%m-%d %H:%M}" in words(answer)
    assert answer.context["total"].due >= 6 and answer.context["total"].done == 0


def test_why_red_leads_to_the_stop_and_then_to_the_record(planned):
    patrol = Patrol.objects.get()
    link = reason_url(source_kind="patrol", source_id=str(patrol.pk), site_code="field")
    client = as_user(planned.worker)
    assert client.get(link)["Location"] == stop_url()
    page = client.post(stop_url(), {"outcome": "good"})["Location"]
    assert client.get(link)["Location"] == page
    assert as_user(planned.stranger).get(link).status_code == 404


def test_the_walk_is_drawn_and_the_route_gets_its_account(planned):
    route = PatrolRoute.objects.get()
    url = f"{BASE}routes/{route.pk}/"
    answer = as_user(planned.safety).get(url)
    assert [mark.number for mark in answer.context["plan"].marks] == [1]
    assert answer.context["left"] == 1
    assert as_user(planned.worker).post(f"{url}assign/", {"assignee": planned.worker.pk}).status_code == 404
    as_user(planned.safety).post(f"{url}assign/", {"assignee": str(planned.worker.pk)})
    assert PatrolRoute.objects.get().assignee == planned.worker


def test_each_code_opens_the_check_of_its_stop(planned, tmp_path):
    route = PatrolRoute.objects.get()
    answer = as_user(planned.safety).get(f"{BASE}routes/{route.pk}/codes/")
    [(_, picture, address)] = answer.context["labels"]
    assert address == f"http://testserver{stop_url()}?code=1"
    size = int(re.search(r'viewBox="0 0 (\d+)', picture)[1])
    image = Image.new("L", (size, size), 255)
    for x, y, length in strokes(picture):
        for step in range(length):
            for dx in range(4):
                for dy in range(4):
                    image.putpixel((x * 4 + step * 4 + dx, y * 4 + dy), 0)
    assert zxingcpp.read_barcode(image).text == address
    form = as_user(planned.worker).get(stop_url() + "?code=1").context["form"]
    assert form.initial["by_code"] is True


def strokes(svg: str):
    """Yield (x, y, length) in modules of the dark strokes of segno's path."""
    path = re.search(r' d="([^"]+)"', svg)[1]
    x = y = 0.0
    for command, numbers in re.findall(r"([MmhH])([-\d. ]+)", path):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        elif command == "h":
            yield round(x), round(y - 0.5), round(values[0])
            x += values[0]


def test_who_may_not_patrol_sees_the_stop_without_a_form(planned):
    town = as_user(planned.town)
    answer = town.get(stop_url())
    assert answer.status_code == 200 and answer.context["form"] is None
    assert town.post(stop_url(), {"outcome": "good"}).status_code == 422
    assert Patrol.objects.get().done_at is None


def test_times_are_those_of_the_site(planned):
    patrol = Patrol.objects.get()
    shown = as_user(planned.worker).get(stop_url()).context["due"]
    assert shown == f"{patrol.due_at + timedelta(hours=8):%m-%d %H:%M}"
    assert datetime.strptime(shown, "%m-%d %H:%M").hour in (7, 19)  # noqa: DTZ007
