"""Looking at a track asks a purpose, is written down, and the person can read it."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.ledger.models import Act
from spatial.people.operations import create_user, grant_role
from spatial.privacy.models import TrackLook
from spatial.privacy.operations import LookRefused, give_consent, open_track, publish_policy
from spatial.privacy.queries import looks_at, may_see_names, policy_of
from tests.ingest.cast import Cast, build_cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PERIOD = (NOW - timedelta(hours=2), NOW)


@pytest.fixture
def cast() -> Cast:
    return build_cast(NOW - timedelta(days=1))


def test_a_look_names_who_when_which_period_and_why(cast: Cast):
    look = open_track(person=cast.worker, viewer=cast.officer, purpose=" 核实闯入基坑经过 ", period=PERIOD, now=NOW)
    assert look is not None
    act = Act.objects.get(verb="open_track")
    assert act.actor == cast.officer
    assert act.subject_id == str(cast.worker.pk)
    assert act.details["purpose"] == "核实闯入基坑经过"
    assert act.details["from"] == "2026-03-01T23:00:00.000000+00:00"
    assert [one.purpose for one in looks_at(cast.worker)] == ["核实闯入基坑经过"]


def test_a_look_at_everybody_is_read_by_each(cast: Cast):
    open_track(site=cast.site, viewer=cast.officer, purpose="事故回放", period=PERIOD, now=NOW)
    assert [one.person for one in looks_at(cast.worker)] == [None]


@pytest.mark.parametrize("purpose", ["", "   ", "看看", "x" * 301])
def test_without_a_purpose_nothing_is_shown_and_nothing_written(cast: Cast, purpose: str):
    with pytest.raises(LookRefused):
        open_track(person=cast.worker, viewer=cast.officer, purpose=purpose, period=PERIOD, now=NOW)
    assert TrackLook.objects.count() == 0
    assert not Act.objects.filter(verb="open_track").exists()


def test_strangers_and_workers_do_not_look_at_others_and_everybody_sees_themselves(cast: Cast):
    mate = create_user(username="mate", password="Correct-horse-9", full_name="工友")
    grant_role(user=mate, role="worker", site=cast.site)
    for viewer in (cast.stranger, mate):
        with pytest.raises(LookRefused) as refused:
            open_track(person=cast.worker, viewer=viewer, purpose="我想知道", period=PERIOD, now=NOW)
        assert refused.value.code == "not_yours"
    cast.worker.user = mate
    cast.worker.save()
    assert open_track(person=cast.worker, viewer=mate, purpose="", period=PERIOD, now=NOW) is None
    assert TrackLook.objects.count() == 0


def test_a_regulator_sees_no_names_without_a_purpose(cast: Cast):
    regulator = create_user(username="regulator-x", password="Correct-horse-9", full_name="梁")
    grant_role(user=regulator, role="dept_reviewer", site=cast.site)
    assert may_see_names(cast.officer, cast.site)
    assert not may_see_names(regulator, cast.site)
    assert open_track(person=cast.worker, viewer=regulator, purpose="事故调查取证", period=PERIOD, now=NOW) is not None


def test_policies_are_numbered_and_consent_is_given_to_one_of_them(cast: Cast):
    assert policy_of(cast.organisation).retention_days == 90
    for days in (60, 30):
        publish_policy(organisation=cast.organisation, notice="告知", retention_days=days, only_on_shift=True,
                       only_inside=True, actor=None, now=NOW)  # fmt: skip
    assert (policy_of(cast.organisation).retention_days, policy_of(cast.organisation).version) == (30, 2)
    with pytest.raises(LookRefused):
        give_consent(person=cast.worker, actor=cast.officer, now=NOW)
    cast.worker.user = cast.stranger
    cast.worker.save()
    give_consent(person=cast.worker, actor=cast.stranger, now=NOW)
    consent = give_consent(person=cast.worker, actor=cast.stranger, now=NOW + timedelta(days=1))
    assert (consent.policy.version, consent.given_at) == (2, NOW)
