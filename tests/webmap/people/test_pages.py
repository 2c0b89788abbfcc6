"""People, attendance, permits, calls and privacy on their pages: who sees what, and what a click does."""

from __future__ import annotations

import io
import re
from datetime import time as clock
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from spatial.alarms.titles import Words
from spatial.attendance.models import Correction, Post
from spatial.attendance.operations import Seen, note_presence
from spatial.commands.models import Command, Delivery
from spatial.people.models import Person
from spatial.people.operations import create_person
from spatial.people.roster import roster_workbook
from spatial.permits.models import WorkPermit
from spatial.permits.rules import permit_kinds
from spatial.privacy.models import Consent, Policy, TrackLook
from spatial.privacy.operations import open_track
from spatial.wearing.models import Issue
from tests.webmap.people.stage import BASE, as_user, words

pytestmark = pytest.mark.django_db
PAGES = ("people/", "attendance/", "attendance/month/", "permits/", "commands/", "privacy/")


@pytest.mark.parametrize("page", PAGES)
def test_strangers_find_nothing(stage, page):
    assert as_user(stage.cast.stranger).get(BASE + page).status_code == 404


@pytest.mark.parametrize("page", [*PAGES, "people/import/", "people/gate/", "permits/new/confined_space/"])
def test_the_safety_officer_opens_every_page_in_both_languages(stage, page):
    for language in ("en", "zh-hans"):
        stage.cast.safety.language = language
        stage.cast.safety.save()
        assert as_user(stage.cast.safety).get(BASE + page).status_code == 200


def test_a_regulator_sees_counts_and_no_names(stage):
    client = as_user(stage.cast.town)
    for page in ("people/", "attendance/", "permits/", "privacy/"):
        answer = client.get(BASE + page)
        assert answer.status_code == 200
        assert "李架子" not in answer.content.decode()
    assert "Scaffolder" in words(client.get(f"{BASE}people/"))
    for page in (f"people/{stage.person.pk}/", "people/people.xlsx", "attendance/month/", "attendance/sheet.xlsx"):
        assert client.get(BASE + page).status_code == 404


def test_who_lacks_a_needed_certificate_is_shown_as_such(stage):
    told = words(as_user(stage.cast.safety).get(f"{BASE}people/"))
    assert "Scaffolder: none valid" in told
    assert "李架子" in words(as_user(stage.cast.safety).get(f"{BASE}people/?q=a1"))
    assert "王普工" not in words(as_user(stage.cast.safety).get(f"{BASE}people/?q=a1"))


def test_a_workbook_is_previewed_then_imported_and_a_fault_is_named_by_its_cell(stage):
    client = as_user(stage.cast.safety)
    bad = roster_workbook({"people": [("A3", "", "木工")]})
    answer = client.post(f"{BASE}people/import/", {"file": SimpleUploadedFile("p.xlsx", bad)})
    assert answer.status_code == 422
    assert re.search(r"人员 2 B “?姓名|人员 2 B 姓名", words(answer))
    good = roster_workbook({"people": [("A3", "赵新", "木工")]})
    answer = client.post(f"{BASE}people/import/", {"file": SimpleUploadedFile("p.xlsx", good)})
    assert not Person.objects.filter(badge="A3").exists()
    ticket = re.search(r'name="ticket" value="([^"]+)"', answer.content.decode())[1]
    assert as_user(stage.cast.manager).post(f"{BASE}people/import/", {"ticket": ticket}).status_code == 422
    assert client.post(f"{BASE}people/import/", {"ticket": ticket}).status_code == 302
    assert Person.objects.get(badge="A3").full_name == "赵新"
    assert as_user(stage.cast.worker).get(f"{BASE}people/import/").status_code == 404


def test_a_helmet_is_given_out_and_taken_back_by_two_scans(stage):
    client = as_user(stage.cast.safety)
    assert client.post(f"{BASE}people/gate/", {"device": "h-1", "badge": "a1"}).status_code == 302
    assert Issue.objects.get().person == stage.person
    refused = client.post(f"{BASE}people/gate/", {"device": "H-1", "badge": "A2"})
    assert refused.status_code == 422
    assert "李架子 has it" in words(refused)
    assert client.post(f"{BASE}people/gate/", {"device": "H-9", "badge": "A2"}).status_code == 422
    assert client.post(f"{BASE}people/gate/", {"device": "H-1", "badge": ""}).status_code == 302
    assert Issue.objects.get().returned_at is not None


def test_attendance_shows_the_day_exports_it_and_keeps_what_is_said_beside(stage):
    minute = timedelta(minutes=1)
    seen = [Seen(stage.site, stage.person.pk, stage.now - number * minute, True, 0.0, 0.0) for number in range(20)]
    note_presence(seen=seen)
    client = as_user(stage.cast.safety)
    answer = client.get(f"{BASE}attendance/")
    assert "On site 1" in words(answer)
    book = load_workbook(io.BytesIO(client.get(f"{BASE}attendance/sheet.xlsx").content))
    rows = {row[1]: row for row in book.active.iter_rows(min_row=2, values_only=True)}
    assert rows["李架子"][12] == "On site"
    assert rows["王普工"][12] == "Absent"
    day = stage.now.date() - timedelta(days=2)
    data = {"person": stage.mate.pk, "day": day.isoformat(), "came": "07:00", "left": "17:00", "reason": "门禁记录"}
    assert client.post(f"{BASE}attendance/correct/", data).status_code == 302
    assert Correction.objects.get().person == stage.mate
    assert as_user(stage.cast.worker).post(f"{BASE}attendance/correct/", data).status_code == 302
    assert Correction.objects.count() == 1
    post = {"name": "架子值守", "trade": "架子工", "starts": "00:00", "ends": "00:00", "at_least": 1}
    client.post(f"{BASE}attendance/posts/", post)
    assert Post.objects.get().starts == clock(0)
    assert "架子值守" in words(client.get(f"{BASE}attendance/"))


def test_a_permit_is_asked_for_on_a_phone_approved_by_another_and_closed(stage):
    create_person(site=stage.site, full_name="监护人", trade="普工", now=stage.now)
    watcher = Person.objects.get(full_name="监护人")
    client = as_user(stage.cast.worker)
    local = (stage.now + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    later = (stage.now + timedelta(hours=11)).strftime("%Y-%m-%dT%H:%M")
    measures = [one.code for one in permit_kinds()["excavation"].measures]
    data = {"work": "挖沟", "zone": stage.cast.edge.pk, "starts": local, "ends": later, "entrants": [stage.mate.pk],
            "attendant": watcher.pk, "measures": measures}  # fmt: skip
    short = client.post(f"{BASE}permits/new/excavation/", {**data, "measures": measures[:1]})
    assert short.status_code == 422
    assert "Every measure" in words(short)
    answer = client.post(f"{BASE}permits/new/excavation/", data)
    permit = WorkPermit.objects.get()
    assert answer.url == f"{BASE}permits/{permit.pk}/"
    assert permit.starts_at <= timezone.now() < permit.ends_at
    own = client.post(f"{BASE}permits/{permit.pk}/approve/")
    assert own.status_code == 422
    assert as_user(stage.cast.manager).post(f"{BASE}permits/{permit.pk}/approve/").status_code == 302
    assert client.post(f"{BASE}permits/{permit.pk}/start/").status_code == 302
    assert client.post(f"{BASE}permits/{permit.pk}/close/", {"note": "已回填"}).status_code == 302
    permit.refresh_from_db()
    assert (permit.state, permit.closing_note) == ("closed", "已回填")
    assert as_user(stage.cast.stranger).post(f"{BASE}permits/{permit.pk}/close/").status_code == 404


def test_a_call_to_a_person_is_sent_from_any_page_and_its_receipts_are_shown(stage):
    client = as_user(stage.cast.safety)
    client.post(f"{BASE}people/gate/", {"device": "H-1", "badge": "A1"})
    assert "send-command" in client.get(f"{BASE}people/{stage.person.pk}/").content.decode()
    data = {"target": "person", "target_id": stage.person.pk, "kind": "voice", "text": "请撤离"}
    answer = client.post(f"{BASE}commands/send/", data, headers={"HX-Request": "true"})
    assert "0 / 1" in words(answer)
    assert "load delay:2s" in answer.content.decode()
    assert Delivery.objects.get().person == stage.person
    empty = client.post(f"{BASE}commands/send/", {**data, "text": ""}, headers={"HX-Request": "true"})
    assert "Write what they shall hear" in words(empty)
    client.post(f"{BASE}commands/send/", {**data, "target_id": stage.mate.pk})
    assert Command.objects.count() == 1
    assert as_user(stage.cast.worker).post(f"{BASE}commands/send/", data).status_code == 422
    assert as_user(stage.cast.stranger).post(f"{BASE}commands/send/", data).status_code == 404
    page = client.get(f"{BASE}commands/{Command.objects.get().pk}/")
    assert "李架子" in words(page)


def test_a_look_needs_a_purpose_and_the_worker_reads_it_on_the_phone(stage):
    client = as_user(stage.cast.safety)
    day = stage.now.date().isoformat()
    data = {"day": day, "starts": "07:00", "ends": "08:00", "purpose": ""}
    url = f"{BASE}people/{stage.person.pk}/"
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert TrackLook.objects.count() == 0
    assert client.post(url, {**data, "purpose": "核实闯入"}).status_code == 200
    assert TrackLook.objects.get().viewer == stage.cast.safety
    mine = as_user(stage.cast.worker).get("/me/track/")
    assert "核实闯入" in words(mine)
    assert as_user(stage.cast.manager).get("/me/track/").status_code == 404


def test_the_company_publishes_a_notice_and_a_worker_agrees_to_it(stage):
    open_track(person=stage.person, viewer=stage.cast.safety, purpose="核实经过", now=stage.now,
               period=(stage.now - timedelta(hours=1), stage.now))  # fmt: skip
    data = {"notice": "我们只在班次内记录位置。", "retention_days": 60, "only_on_shift": "on", "only_inside": "on"}
    assert as_user(stage.cast.safety).post(f"{BASE}privacy/", data).status_code == 404
    stage.cast.manager.memberships.all().delete()
    from spatial.people.operations import grant_role

    grant_role(user=stage.cast.manager, role="enterprise_safety", organisation=stage.site.organisation)
    assert as_user(stage.cast.manager).post(f"{BASE}privacy/", data).status_code == 302
    assert Policy.objects.get().retention_days == 60
    client = as_user(stage.cast.worker)
    assert "I have read it and agree" in words(client.get("/me/track/"))
    assert client.post("/me/track/").status_code == 302
    assert Consent.objects.get().person == stage.person
    assert "You agreed to this version" in words(client.get("/me/track/"))


def test_certificates_that_end_are_listed_the_first_first(stage):
    from spatial.people.models import Certificate

    today = timezone.localdate()
    row = {"organisation": stage.site.organisation, "site": stage.site, "person": stage.person}
    for kind, days in (("scaffolder", 5), ("welder", -3), ("electrician", 200)):
        Certificate.objects.create(**row, kind=kind, number=f"编号{days}", valid_from=today - timedelta(days=400),
                                   valid_until=today + timedelta(days=days))  # fmt: skip
    client = as_user(stage.cast.safety)
    text = client.get(f"{BASE}people/certificates/").content.decode()
    assert text.index("编号-3") < text.index("编号5") and "编号200" not in text
    assert "编号200" in client.get(f"{BASE}people/certificates/?all").content.decode()
    assert as_user(stage.cast.town).get(f"{BASE}people/certificates/").status_code == 404
    assert as_user(stage.cast.stranger).get(f"{BASE}people/certificates/").status_code == 404


def test_a_permit_takes_its_place_from_the_map(stage):
    zone = stage.cast.zone if hasattr(stage.cast, "zone") else None
    from spatial.zones.models import Zone

    zone = zone or Zone.objects.filter(site=stage.site).first()
    client, kind = as_user(stage.cast.safety), "excavation"
    starts = timezone.now().astimezone(ZoneInfo(stage.site.time_zone))
    given = {
        "work": "管沟开挖", "zone": str(zone.pk), "starts": starts.strftime("%Y-%m-%dT%H:%M"),
        "ends": (starts + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M"), "entrants": [str(stage.person.pk)],
        "attendant": str(stage.mate.pk), "measures": [one.code for one in permit_kinds()[kind].measures],
        "lon": str(stage.site.location.x if stage.site.location else 113.77), "lat": "34.76", "height_m": "96.5",
    }  # fmt: skip
    assert client.post(f"{BASE}permits/new/{kind}/", given).status_code == 302
    anchor = WorkPermit.objects.latest("created_at").anchor
    assert (anchor.geometry.y, anchor.geometry.z) == (34.76, 96.5)
    assert client.get(f"{BASE}permits/elements/?element_q=nothing-like-it").status_code == 200
    given |= {"lon": "", "lat": "", "element": "x:y"}
    client.post(f"{BASE}permits/new/{kind}/", given)
    assert WorkPermit.objects.latest("created_at").anchor is None


def test_an_alarm_calls_its_wearer_and_its_zone_and_shows_what_came_of_it(stage):
    from spatial.alarms.operations import raise_alarm
    from spatial.devices.models import Device
    from spatial.zones.models import Zone

    Device.objects.filter(pk=stage.helmet.pk).update(person=stage.person)
    helmet, zone = Device.objects.get(pk=stage.helmet.pk), Zone.objects.filter(site=stage.site).first()
    alarm = raise_alarm(
        site=stage.site, rule="P-08", level="red", title=Words.same("SOS"), zone=zone, device=helmet,
        person_name="李架子", storey=None, location=None, raised_at=stage.now, received_at=stage.now,
    )  # fmt: skip
    client = as_user(stage.cast.safety)
    for url in (f"{BASE}alarms/", f"{BASE}alarms/{alarm.pk}/"):
        assert f'name="source_id" value="{alarm.pk}"' in client.get(url).content.decode()
    assert "send-command" not in as_user(stage.cast.town).get(f"{BASE}alarms/{alarm.pk}/").content.decode()
    sent = {"target": "person", "target_id": str(stage.person.pk), "kind": "voice", "text": "请撤离",
            "source_kind": "alarm", "source_id": str(alarm.pk)}  # fmt: skip
    assert client.post(f"{BASE}commands/send/", sent).status_code == 302
    text = client.get(f"{BASE}alarms/{alarm.pk}/").content.decode()
    assert "“请撤离”" in text and "0 / 1" in text
    zone_page = client.get(f"/sites/field/zones/{zone.pk}/").content.decode()
    assert "No helmet and no tag is in it now." in zone_page


def test_a_helmet_is_given_out_and_taken_back_on_its_own_page(stage):
    client, url = as_user(stage.cast.safety), f"{BASE}devices/{stage.helmet.pk}/"
    assert client.post(f"{url}issue/", {"person": str(stage.person.pk)}).status_code == 302
    assert Issue.objects.get().person == stage.person
    refused = client.post(f"{url}issue/", {"person": str(stage.mate.pk)})
    assert refused.status_code == 422 and "has it: take it back first" in refused.content.decode()
    assert client.post(f"{url}issue/", {"person": str(stage.mate.pk), "take_back": "on"}).status_code == 302
    text = client.get(url).content.decode()
    assert "李架子" in text and "王普工" in text
    assert client.post(f"{url}return/").status_code == 302
    assert not Issue.objects.filter(returned_at=None).exists()
    assert as_user(stage.cast.worker).post(f"{url}issue/", {"person": str(stage.mate.pk)}).status_code == 403
