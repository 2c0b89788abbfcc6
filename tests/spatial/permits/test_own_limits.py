"""Limits of permits that a company sets itself: stricter gas, younger tests, shorter windows, on its sites only."""

from datetime import timedelta

import pytest

from spatial.ledger.models import Act
from spatial.people.models import Certificate
from spatial.people.operations import create_person
from spatial.permits.operations import PermitRefused, decide_permit, request_permit, start_work
from spatial.permits.operations import test_gas as write_gas_test
from spatial.permits.queries import facts_of_people, lets_in
from spatial.permits.rules import permit_kinds
from tests.ingest.cast import build_cast
from tests.spatial.own_edition import noon_of_tomorrow, publish_own

pytestmark = pytest.mark.django_db
THIN = {"o2": 19.8, "lel": 0.0, "h2s": 0.0, "co": 3.0}


@pytest.fixture
def day():
    return noon_of_tomorrow()


@pytest.fixture
def two(day):
    """Two companies with a site each; the first one is stricter from tomorrow on."""
    own, other = build_cast(), build_cast()
    answers = {"gas.o2_least": 20, "tests.before_entry_min": 15, "tests.repeat_min": 60, "windows.confined_space_h": 4}
    publish_own(own, day, {f"permit_limits.{name}": value for name, value in answers.items()})
    return own, other


def approved(cast, day, hours=4.0):
    watcher = create_person(site=cast.site, full_name="王守望", trade="普工", now=day)
    Certificate.objects.update_or_create(
        organisation=cast.organisation, site=cast.site, person=cast.worker, kind="confined_space", number="Y1",
        defaults={"valid_from": day.date(), "valid_until": day.date() + timedelta(days=9)},
    )  # fmt: skip
    permit = request_permit(
        site=cast.site, kind="confined_space", work="清淤", zone=cast.pit, starts_at=day,
        ends_at=day + timedelta(hours=hours), entrants=[cast.worker], attendant=watcher, actor=cast.officer, now=day,
        measures=[one.code for one in permit_kinds()["confined_space"].measures],
    )  # fmt: skip
    return decide_permit(permit=permit, approve=True, actor=None, now=day)


def test_oxygen_of_19_8_fails_where_the_company_asks_for_20_and_passes_elsewhere(two, day):
    tests = [
        write_gas_test(permit=approved(cast, day), values=THIN, tested_by="安", actor=None, now=day) for cast in two
    ]
    assert [test.passed for test in tests] == [False, True]
    with pytest.raises(PermitRefused, match="last 15 minutes"):
        start_work(permit=tests[0].permit, actor=None, now=day)
    start_work(permit=tests[1].permit, actor=None, now=day)
    said = [act.details["edition"] for act in Act.objects.filter(verb="test_gas").order_by("sequence")]
    assert sorted(edition.split("-")[0] for edition in said) == ["cn", "own"]


def test_a_test_lets_in_for_15_min_there_and_for_30_min_elsewhere_and_holds_for_60_and_120_min(two, day):
    good = {**THIN, "o2": 20.9}
    permits = [approved(cast, day) for cast in two]
    for permit in permits:
        write_gas_test(permit=permit, values=good, tested_by="安", actor=None, now=day)
    late = day + timedelta(minutes=16)
    assert [lets_in(permit, late) for permit in permits] == [False, True]
    later = day + timedelta(minutes=61)
    facts = [facts_of_people(cast.site, later)[cast.worker.pk] for cast in two]
    assert [one.has_permit(cast.pit.pk, later) for one, cast in zip(facts, two, strict=True)] == [False, True]


def test_a_window_of_five_hours_is_too_long_there_and_not_the_day_before(two, day):
    own, other = two
    with pytest.raises(PermitRefused, match="at most 4 h"):
        approved(own, day, hours=5)
    assert approved(other, day, hours=5).pk
    assert approved(own, day - timedelta(days=1), hours=5).pk


def test_a_permit_goes_on_by_the_limits_of_its_first_day(two, day):
    own, _ = two
    evening = day.replace(hour=0) - timedelta(hours=1)
    permit = approved(own, evening)
    write_gas_test(permit=permit, values={**THIN, "o2": 20.9}, tested_by="安", actor=None, now=evening)
    inside = evening + timedelta(minutes=90)  # half past midnight: a test of tonight would be too old
    assert facts_of_people(own.site, inside)[own.worker.pk].has_permit(own.pit.pk, inside)
