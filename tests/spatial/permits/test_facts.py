"""What the fence engine is told of people, on the real database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from spatial.people.models import Briefing, BriefingSignature, Certificate, Education
from spatial.permits.models import GasTest, PermitEntrant, WorkPermit
from spatial.permits.queries import facts_of_people
from tests.ingest.cast import build_cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def _row(cast):
    return {"organisation": cast.organisation, "site": cast.site}


def test_facts_of_a_person_come_from_certificates_education_briefings_and_permits():
    cast = build_cast(NOW)
    row, worker = _row(cast), cast.worker
    assert facts_of_people(cast.site, NOW)[worker.pk].briefed_until is None
    Certificate.objects.create(**row, person=worker, kind="welder", number="H1", valid_from=date(2025, 1, 1),
                               valid_until=date(2026, 3, 2))  # fmt: skip
    Certificate.objects.create(**row, person=worker, kind="electrician", number="E1", valid_from=date(2026, 3, 3),
                               valid_until=date(2027, 3, 2))  # fmt: skip
    for level in ("company", "project", "team"):
        Education.objects.create(**row, person=worker, level=level, held_on=date(2026, 2, 1))
    briefing = Briefing.objects.create(**row, work="钢筋绑扎", given_by="李安全", held_at=NOW,
                                       valid_from=date(2026, 3, 2), valid_until=date(2026, 3, 2))  # fmt: skip
    signature = BriefingSignature.objects.create(**row, briefing=briefing, person=worker)
    assert facts_of_people(cast.site, NOW)[worker.pk].briefed_until is None  # not signed
    signature.signed_at = NOW
    signature.save()
    permit = WorkPermit.objects.create(**row, number="P1", kind="confined_space", work="清淤", zone=cast.pit,
                                       starts_at=NOW, ends_at=NOW + timedelta(hours=4), applicant_name="张三",
                                       state="approved", decided_at=NOW)  # fmt: skip
    PermitEntrant.objects.create(**row, permit=permit, person=worker)
    assert facts_of_people(cast.site, NOW)[worker.pk].permits == ()  # no gas test yet
    GasTest.objects.create(**row, permit=permit, taken_at=NOW, values={}, passed=True, tested_by="李安全")

    facts = facts_of_people(cast.site, NOW)[worker.pk]

    assert facts.trade == "钢筋工"
    assert dict(facts.certificates) == {"welder": datetime(2026, 3, 2, 16, 0, tzinfo=UTC)}
    assert facts.briefed_until == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert facts.has_permit(cast.pit.pk, NOW + timedelta(minutes=119), "confined_space")
    assert not facts.has_permit(cast.pit.pk, NOW + timedelta(minutes=120))


def test_a_withdrawn_certificate_and_a_closed_permit_hold_no_longer(django_assert_max_num_queries):
    cast = build_cast(NOW)
    row, worker = _row(cast), cast.worker
    Certificate.objects.create(**row, person=worker, kind="welder", number="H1", valid_from=date(2025, 1, 1),
                               valid_until=date(2027, 1, 1), withdrawn_at=NOW)  # fmt: skip
    permit = WorkPermit.objects.create(**row, number="P1", kind="hot_work", work="焊接", zone=cast.pit,
                                       starts_at=NOW - timedelta(hours=2), ends_at=NOW + timedelta(hours=4),
                                       applicant_name="张三", state="closed", decided_at=NOW - timedelta(hours=2),
                                       closed_at=NOW - timedelta(hours=1))  # fmt: skip
    PermitEntrant.objects.create(**row, permit=permit, person=worker)
    with django_assert_max_num_queries(8):
        facts = facts_of_people(cast.site, NOW)[worker.pk]
    assert not facts.holds("welder", NOW)
    assert facts_of_people(cast.site, NOW - timedelta(hours=1))[worker.pk].holds("welder", NOW)
    assert facts.has_permit(cast.pit.pk, NOW - timedelta(minutes=61))
    assert not facts.has_permit(cast.pit.pk, NOW - timedelta(minutes=60))
