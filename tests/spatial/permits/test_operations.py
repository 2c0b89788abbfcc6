"""A permit from request to closing, and everything that is refused on the way."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from spatial.ledger.models import Act
from spatial.people.models import Certificate
from spatial.people.operations import create_person, create_user, grant_role
from spatial.permits.models import GasTest, Passage, WorkPermit
from spatial.permits.operations import (
    PermitRefused,
    close_permit,
    decide_permit,
    note_passage,
    request_permit,
    start_work,
)
from spatial.permits.operations import test_gas as write_gas_test
from spatial.permits.queries import facts_of_people
from spatial.permits.rules import permit_kinds
from tests.ingest.cast import Cast, build_cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
GOOD = {"o2": 20.9, "lel": 0.0, "h2s": 0.0, "co": 3.0}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cast() -> Cast:
    found = build_cast(NOW - timedelta(days=1))
    found.watcher = create_person(site=found.site, full_name="王守望", trade="普工", now=NOW)
    found.manager = create_user(username="mgr-x", password="Correct-horse-9", full_name="郑经理")
    grant_role(user=found.manager, role="project_manager", site=found.site)
    Certificate.objects.create(
        organisation=found.organisation, site=found.site, person=found.worker, kind="confined_space", number="Y1",
        valid_from=date(2025, 1, 1), valid_until=date(2027, 1, 1),
    )  # fmt: skip
    return found


def ask(cast: Cast, **changes: Any) -> WorkPermit:
    kind = changes.pop("kind", "confined_space")
    values: dict[str, Any] = {
        "site": cast.site, "kind": kind, "work": "集水井清淤", "zone": cast.pit, "starts_at": NOW,
        "ends_at": NOW + timedelta(hours=4), "entrants": [cast.worker], "attendant": cast.watcher,
        "measures": [measure.code for measure in permit_kinds()[kind].measures], "actor": cast.officer, "now": NOW,
    }  # fmt: skip
    return request_permit(**{**values, **changes})


def test_a_confined_space_permit_from_request_to_closing(cast: Cast):
    permit = ask(cast)
    assert (permit.number, permit.state) == ("20260302-001", "requested")
    decide_permit(permit=permit, approve=True, actor=cast.manager, now=NOW + MINUTE)
    with pytest.raises(PermitRefused, match="Test the gas first"):
        start_work(permit=permit, actor=cast.officer, now=NOW + 2 * MINUTE)
    assert write_gas_test(permit=permit, values=GOOD, tested_by="安", actor=None, now=NOW + 3 * MINUTE).passed
    assert start_work(permit=permit, actor=cast.officer, now=NOW + 4 * MINUTE).state == "running"
    entrant = permit.entrants.get()
    note_passage(entrant=entrant, inwards=True, actor=cast.officer, now=NOW + 5 * MINUTE)
    with pytest.raises(PermitRefused, match="Still inside: 张三"):
        close_permit(permit=permit, actor=cast.officer, now=NOW + 6 * MINUTE)
    assert WorkPermit.objects.get().state == "running"
    facts = facts_of_people(cast.site, NOW + 6 * MINUTE)[cast.worker.pk]
    assert facts.has_permit(cast.pit.pk, NOW + 6 * MINUTE, "confined_space")
    note_passage(entrant=entrant, inwards=False, actor=cast.officer, now=NOW + 7 * MINUTE)
    assert close_permit(permit=permit, actor=cast.officer, now=NOW + 8 * MINUTE).state == "closed"
    assert not facts_of_people(cast.site, NOW)[cast.worker.pk].has_permit(cast.pit.pk, NOW + 8 * MINUTE)
    verbs = list(Act.objects.filter(subject_kind="permit").order_by("sequence").values_list("verb", flat=True))
    assert verbs == [
        "request_permit", "approve_permit", "test_gas", "start_permit", "note_passage", "note_passage", "close_permit",
    ]  # fmt: skip


def test_nobody_is_counted_in_on_a_stale_or_failed_test(cast: Cast):
    permit = ask(cast)
    decide_permit(permit=permit, approve=True, actor=cast.manager, now=NOW)
    write_gas_test(permit=permit, values=GOOD, tested_by="安", actor=None, now=NOW)
    start_work(permit=permit, actor=None, now=NOW)
    entrant = permit.entrants.get()
    with pytest.raises(PermitRefused, match="Test the gas first"):
        note_passage(entrant=entrant, inwards=True, actor=None, now=NOW + 31 * MINUTE)
    bad = write_gas_test(permit=permit, values={**GOOD, "o2": 19.0}, tested_by="安", actor=None, now=NOW + 32 * MINUTE)
    assert not bad.passed
    with pytest.raises(PermitRefused, match="Test the gas first"):
        note_passage(entrant=entrant, inwards=True, actor=None, now=NOW + 33 * MINUTE)
    assert Passage.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_at": NOW + timedelta(hours=9)}, "too_long"),
        ({"ends_at": NOW - timedelta(hours=1)}, "window"),
        ({"kind": "confined_space", "measures": ["ventilated"]}, "measures"),
        ({"zone": None}, "no_place"),
        ({"entrants": []}, "no_entrants"),
        ({"attendant": None}, "no_attendant"),
        ({"work": " "}, "no_work"),
        ({"kind": "lifting"}, "no_certificate"),
    ],
)
def test_what_is_refused_leaves_nothing(cast: Cast, changes: dict[str, Any], code: str):
    with pytest.raises(PermitRefused) as refused:
        ask(cast, **changes)
    assert refused.value.code == code
    assert WorkPermit.objects.count() == 0
    assert not Act.objects.filter(subject_kind="permit").exists()


def test_people_of_nowhere_and_watchers_who_work_are_refused(cast: Cast):
    with pytest.raises(PermitRefused, match="does not work there"):
        ask(cast, attendant=cast.worker)
    cast.worker.left_on = NOW.date()
    cast.worker.save()
    with pytest.raises(PermitRefused, match="does not work on this site"):
        ask(cast)
    with pytest.raises(PermitRefused, match="answer for the work"):
        ask(cast, actor=cast.stranger)


def test_who_asks_does_not_approve_and_time_expires_a_permit(cast: Cast):
    permit = ask(cast)
    with pytest.raises(PermitRefused, match="Somebody else"):
        decide_permit(permit=permit, approve=True, actor=cast.officer, now=NOW)
    with pytest.raises(PermitRefused, match="why"):
        decide_permit(permit=permit, approve=False, actor=cast.manager, now=NOW)
    with pytest.raises(PermitRefused, match="expired"):
        decide_permit(permit=permit, approve=True, actor=cast.manager, now=NOW + timedelta(hours=4))
    assert WorkPermit.objects.get().state == "requested"
    assert decide_permit(permit=permit, approve=False, reason="未通风", actor=cast.manager, now=NOW).state == "refused"
    with pytest.raises(PermitRefused, match="refused"):
        write_gas_test(permit=permit, values=GOOD, tested_by="安", actor=None, now=NOW)
    assert GasTest.objects.count() == 0
