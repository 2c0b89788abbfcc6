"""Who wore a device when: at the gate, on paper, and for a message that comes late."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.devices.models import Device
from spatial.ledger.models import Act
from spatial.people.operations import create_person
from spatial.wearing.models import Issue
from spatial.wearing.operations import IssueRefused, issue_device, return_device
from spatial.wearing.queries import devices_worn, wearers_of
from tests.ingest.cast import Cast, build_cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def cast() -> Cast:
    return build_cast(NOW - timedelta(days=1))


def test_the_track_belongs_to_who_wore_the_helmet_at_that_moment(cast: Cast):
    other = create_person(site=cast.site, full_name="李四", trade="木工", now=NOW)
    issue_device(device=cast.helmet, person=cast.worker, actor=cast.officer, now=NOW)
    return_device(device=cast.helmet, actor=cast.officer, now=NOW + timedelta(hours=4))
    issue_device(device=cast.helmet, person=other, actor=cast.officer, now=NOW + timedelta(hours=5))
    wearer = wearers_of([cast.helmet.pk])[cast.helmet.pk]
    assert wearer.at(NOW - timedelta(seconds=1)) is None
    assert wearer.at(NOW) == cast.worker.pk
    assert wearer.at(NOW + timedelta(hours=4)) is None
    assert wearer.at(NOW + timedelta(hours=5)) == other.pk
    assert Device.objects.get(pk=cast.helmet.pk).person_id == other.pk
    verbs = list(Act.objects.filter(subject_kind="issue").order_by("sequence").values_list("verb", flat=True))
    assert verbs == ["issue_device", "return_device", "issue_device"]
    hour = timedelta(hours=1)
    assert devices_worn(cast.worker, NOW + hour, NOW + 9 * hour) == [(cast.helmet.pk, NOW + hour, NOW + 4 * hour)]


def test_a_device_that_was_never_issued_belongs_to_whom_it_is_registered(cast: Cast):
    assert wearers_of([cast.helmet.pk])[cast.helmet.pk].at(NOW) == cast.worker.pk


def test_a_helmet_that_somebody_has_is_given_on_only_when_it_is_taken_back(cast: Cast):
    other = create_person(site=cast.site, full_name="李四", trade="木工", now=NOW)
    issue_device(device=cast.helmet, person=cast.worker, actor=None, now=NOW)
    with pytest.raises(IssueRefused, match="张三 has it"):
        issue_device(device=cast.helmet, person=other, actor=None, now=NOW + timedelta(hours=1))
    assert Issue.objects.count() == 1
    issue_device(device=cast.helmet, person=other, actor=None, now=NOW + timedelta(hours=1), take_back=True)
    assert Issue.objects.filter(returned_at=None).get().person == other


def test_paper_may_come_late_but_not_overlap(cast: Cast):
    other = create_person(site=cast.site, full_name="李四", trade="木工", now=NOW)
    issue_device(device=cast.helmet, person=cast.worker, actor=None, now=NOW)
    return_device(device=cast.helmet, actor=None, now=NOW + timedelta(hours=8), at=NOW + timedelta(hours=4))
    for at in (NOW + timedelta(hours=3), NOW - timedelta(hours=3)):
        with pytest.raises(IssueRefused) as refused:
            issue_device(device=cast.helmet, person=other, actor=None, now=NOW + timedelta(hours=8), at=at)
        assert refused.value.code == "overlap"
    assert Issue.objects.count() == 1


def test_strangers_leavers_and_the_future_are_refused(cast: Cast):
    with pytest.raises(IssueRefused, match="given out by"):
        issue_device(device=cast.helmet, person=cast.worker, actor=cast.stranger, now=NOW)
    with pytest.raises(IssueRefused, match="future"):
        issue_device(device=cast.helmet, person=cast.worker, actor=None, now=NOW, at=NOW + timedelta(minutes=1))
    cast.worker.left_on = NOW.date()
    cast.worker.save()
    with pytest.raises(IssueRefused, match="does not work"):
        issue_device(device=cast.helmet, person=cast.worker, actor=None, now=NOW)
    assert Issue.objects.count() == 0
