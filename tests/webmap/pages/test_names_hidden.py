"""Whoever may not know the people of a site is told no name, phone or card number of them: every address is asked."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.gis.geos import Point
from django.db.models import ForeignKey, ManyToManyField
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from spatial.alarms.models import HazardDraft
from spatial.alarms.operations import raise_alarm
from spatial.alarms.titles import Words
from spatial.attendance.models import Correction, Post, PostMark, PresenceMark
from spatial.commands.models import Command, Delivery
from spatial.devices.models import Device
from spatial.fences.models import FenceEvent, Presence
from spatial.fences.operations import create_fence
from spatial.machines.models import Machine, MachineEvent, OperationRecord
from spatial.machines.rules import PERSON_RULES
from spatial.musters.models import Muster, MusterEntry
from spatial.people.models import Briefing, BriefingSignature, Certificate, Education, Person, Team
from spatial.permits.models import Passage, PermitEntrant, WorkPermit
from spatial.privacy.models import Consent, Policy, TrackLook
from spatial.tracks.operations import NewestFixes, keep_newest
from spatial.tracks.position_rows import PositionRow, columns_of
from spatial.wearing.models import Issue
from tests.webmap.field_cast import LAT, LON, Cast, build_cast
from tests.webmap.pages.test_visibility import address_of, every_route

NAME, PHONE, BADGE, PAPER = "欧阳建设", "13912340000", "41010519900101001X", "T41010519900101001X"
TITLE = Words(f"危险区域闯入：{NAME} · 二层临边", f"Danger-zone entry: {NAME} · 二层临边")
SECRETS = (NAME, PHONE, BADGE)  # a paper's number holds the badge's
TRADE = "架子工"


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def things(cast: Cast) -> dict[str, str]:
    """A worker and a row of every kind that knows him; by the names of the addresses' parameters."""
    now, day = timezone.now(), timezone.localdate()
    own: dict[str, Any] = {"organisation": cast.site.organisation, "site": cast.site}
    soon, before = now + timedelta(hours=8), now - timedelta(hours=1)
    team = Team.objects.create(name="外架班", leader_name=NAME, **own)
    person = Person.objects.create(full_name=NAME, trade=TRADE, team=team, phone=PHONE, badge=BADGE, **own)
    helmet = Device.objects.create(code="H-7", name=f"{NAME}的安全帽", kind="helmet", person=person, **own)
    Issue.objects.create(device=helmet, person=person, issued_at=before, **own)
    paper = {"kind": "scaffolder", "number": PAPER, "valid_from": day, "valid_until": day + timedelta(days=9)}
    Certificate.objects.create(person=person, **paper, **own)
    Education.objects.create(person=person, level="company", held_on=day, hours=8, **own)
    briefing = Briefing.objects.create(
        work="搭设", given_by="赵安全", held_at=before, valid_from=day, valid_until=day, **own
    )  # fmt: skip
    BriefingSignature.objects.create(briefing=briefing, person=person, signed_at=before, **own)
    fix = PositionRow(
        organisation_id=helmet.organisation_id, site_id=helmet.site_id, device_id=helmet.pk, fix_time=now,
        received_at=now, lon=LON, lat=LAT, height_m=97.0, accuracy_m=0.5, source="UWB",
    )  # fmt: skip
    keep_newest(fixes=NewestFixes(columns_of([fix]), [None], [True], [None], [None]))
    alarm = raise_alarm(
        site=cast.site, rule="P-01", level="red", title=TITLE,
        zone=cast.edge, device=helmet, person_name=NAME, storey=cast.storey, location=Point(LON, LAT, 97.0, srid=4490),
        raised_at=before, received_at=now,
    )  # fmt: skip
    HazardDraft.objects.create(
        alarm=alarm, cause="repeated", description=f"{alarm.title} 三次", description_en=f"{alarm.title_en} thrice",
        opened_at=now, **own
    )  # fmt: skip
    PresenceMark.objects.create(site=cast.site, person=person, bucket=before, first_inside=before, last_inside=now)
    Correction.objects.create(
        person=person, day=day, came_at=before, left_at=now, reason="帽在库房", made_by=cast.safety, made_at=now, **own
    )  # fmt: skip
    post = Post.objects.create(name="信号指挥", starts="00:00", ends="23:59", weekdays=[1, 2, 3, 4, 5, 6, 7], **own)
    post.people.add(person)
    PostMark.objects.create(post=post, person=person, bucket=before, first_at=before, last_at=now)
    command = Command.objects.create(
        kind="text", text="请撤离", target="person", target_label=NAME, sent_by=cast.safety, ordered_at=now,
        expires_at=soon, source_kind="alarm", source_id=str(alarm.pk), **own,
    )  # fmt: skip
    Delivery.objects.create(
        command=command, device=helmet, person=person, next_try_at=now, expires_at=soon, **own
    )  # fmt: skip
    permit = WorkPermit.objects.create(
        number="P-1", kind="confined_space", work="清淤", place="集水井", starts_at=before, ends_at=soon,
        state="running", started_at=before, applicant_name="赵安全", attendant=person, **own,
    )  # fmt: skip
    entrant = PermitEntrant.objects.create(permit=permit, person=person, **own)
    Passage.objects.create(entrant=entrant, inwards=True, at=now, **own)
    policy = Policy.objects.filter(organisation=cast.site.organisation).first() or Policy.objects.create(
        organisation=cast.site.organisation, version=1, published_at=now
    )  # fmt: skip
    Consent.objects.create(person=person, policy=policy, given_at=now, **own)
    TrackLook.objects.create(
        person=person, viewer=cast.safety, purpose="事故调查", starts_at=before, ends_at=now, looked_at=now, **own
    )  # fmt: skip
    ended = Muster.objects.create(
        reason="演练", drill=True, started_at=before, started_by=cast.safety, ended_at=now, ended_by=cast.safety, **own
    )  # fmt: skip
    muster = Muster.objects.create(reason="火情", started_at=now, started_by=cast.safety, **own)
    for held in (ended, muster):
        entry = MusterEntry.objects.create(muster=held, person=person, name=NAME, trade=TRADE, source="fix", **own)
    machine = Machine.objects.create(code="D-1", name="打桩机", kind="excavator", **own)
    OperationRecord.objects.create(machine=machine, person=person, started_at=before, verified=True, work="打桩", **own)
    MachineEvent.objects.create(
        machine=machine, rule=min(PERSON_RULES), kind="raised", level="orange", other="H-7", other_name=NAME, at=before,
        received_at=before, **own,
    )  # fmt: skip
    create_fence(zone=cast.edge, actor=cast.safety, now=now, allowed=[person])
    FenceEvent.objects.create(
        kind="entered", device=helmet, zone=cast.edge, fix_time=before, received_at=before, rule="P-01",
        point=alarm.location, **own,
    )  # fmt: skip
    Presence.objects.create(device=helmet, zone=cast.edge, inside=True, since=before)
    return {
        "code": cast.site.code, "person_id": str(person.pk), "device_id": str(helmet.pk), "alarm_id": str(alarm.pk),
        "command_id": str(command.pk), "permit_id": str(permit.pk), "muster_id": str(muster.pk),
        "entry_id": str(entry.pk), "machine_id": str(machine.pk), "zone_id": str(cast.edge.pk),
        "point_id": str(cast.risk_point.pk), "post_id": str(post.pk), "organisation_id": str(cast.site.organisation_id),
    }  # fmt: skip


def test_a_row_of_every_kind_that_knows_a_person_is_there(things: dict[str, str]) -> None:
    """A new table with people in it fails here until the walk below meets a row of it."""
    person = UUID(things["person_id"])
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey | ManyToManyField) and field.related_model is Person:
                assert model._default_manager.filter(**{field.name: person}).exists(), f"{model.__name__}.{field.name}"


def texts_of(answer: Any) -> str:
    """Return all that an answer says: JSON without escapes, the parts of a workbook or another zip."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return " ".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    text = content.decode("utf-8", "replace")
    if "json" in answer.headers.get("Content-Type", ""):
        text += json.dumps(json.loads(text), ensure_ascii=False)
    return text


def walk(user: Any, things: dict[str, str]) -> tuple[set[str], dict[str, list[str]]]:
    """Return the routes that answer a user, and what each that tells of the worker says of him."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    now = timezone.now()
    period = {"from": (now - timedelta(hours=3)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    asked = {**period, "at": now.isoformat(), "cursor": "0", "lon": str(LON), "lat": str(LAT), "q": TRADE}
    answered, found = set(), {}
    for route, pattern in every_route(get_resolver().url_patterns):
        if route.endswith(("/stream", ".pdf", ".png", "openapi.json")):
            continue  # pictures hold no text, the stream has a test of its own (tests/webmap/live/test_stream.py)
        path = address_of(route, pattern, things)
        for query in ({}, asked):
            answer = client.get(path, query)
            assert answer.status_code < 500, path
            if answer.status_code in (404, 405):
                break
            if answer.status_code != 200:
                continue
            answered.add(route)
            if said := [secret for secret in SECRETS if secret in texts_of(answer)]:
                found[route] = said
    return answered, found


def test_no_page_and_no_answer_tells_a_regulator_who_is_on_the_site(cast: Cast, things: dict[str, str]) -> None:
    answered, found = walk(cast.town, things)
    assert found == {}
    assert len(answered) >= 90
    _answered, told = walk(cast.safety, things)
    assert len(told) >= 20, sorted(told)
    assert len([route for route in told if route in answered]) >= 15  # the same pages, with people and without


def test_no_page_tells_a_stranger_who_is_on_the_site(cast: Cast, things: dict[str, str]) -> None:
    assert walk(cast.stranger, things)[1] == {}
