"""What a company requires of a trade beyond the national table: by its safety department, for it and those below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from spatial.ledger.models import Act
from spatial.people.models import CertificateRequirement
from spatial.people.operations import create_user, grant_role
from spatial.people.queries import certificate_requirements
from spatial.people.requirements import RequirementRefused, drop_certificate, require_certificate
from spatial.people.rules import certificates_needed
from spatial.places.operations import create_organisation

NOW = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
SOURCE = "郑建安〔2026〕8号"


class Company:
    """A company with a department below it, and the safety departments of both."""

    def __init__(self) -> None:
        self.own = create_organisation(name="中建测试")
        self.below = create_organisation(name="项目部", parent=self.own)
        self.safety, self.below_safety = (
            create_user(username=name, password="Correct-horse-9", full_name=name) for name in ("an", "bei")
        )
        grant_role(user=self.safety, role="enterprise_safety", organisation=self.own)
        grant_role(user=self.below_safety, role="enterprise_safety", organisation=self.below)

    def require(self, **changes: Any) -> CertificateRequirement:
        given = {"organisation": self.own, "trade": "钢筋工", "kind": "electrician", "source": SOURCE}
        return require_certificate(**{**given, "actor": self.safety, "now": NOW, **changes})


@pytest.fixture
def company(db: None) -> Company:
    return Company()


def pairs(organisation: Any) -> list[tuple[str, str]]:
    return list(certificate_requirements(organisation).values_list("trade", "kind"))


def test_a_listed_trade_needs_those_of_the_table_and_then_those_that_are_required() -> None:
    assert certificates_needed("架子工") == ("scaffolder",)
    assert certificates_needed("架子工", [("架子工", "electrician"), ("木工", "welder")]) == (
        "scaffolder",
        "electrician",
    )
    assert certificates_needed("架子工", [("架子工", "scaffolder")]) == ("scaffolder",)
    assert certificates_needed("无人机飞手") == ()
    assert certificates_needed("无人机飞手", [("无人机飞手", "electrician")]) == ("electrician",)


def test_what_is_required_of_one_word_for_a_trade_is_required_of_the_others() -> None:
    assert certificates_needed("电工", [("建筑电工", "scaffolder")]) == certificates_needed(
        "建筑电工", [("电工", "scaffolder")]
    )
    assert "scaffolder" in certificates_needed("电工", [("建筑电工", "scaffolder")])


def test_a_certificate_is_required_on_the_sites_of_the_company_and_below_and_not_above(company: Company) -> None:
    row = company.require()
    company.require(organisation=company.below, actor=company.below_safety, kind="scaffolder")
    assert pairs(company.own) == [("钢筋工", "electrician")]
    assert pairs(company.below) == [("钢筋工", "electrician"), ("钢筋工", "scaffolder")]
    act = Act.objects.get(verb="require_certificate", subject_id=row.pk)
    assert (act.actor_id, act.subject_kind, act.details) == (
        company.safety.pk,
        "certificaterequirement",
        {"trade": "钢筋工", "kind": "electrician", "source": SOURCE},
    )


def test_what_is_no_longer_required_is_gone_and_written_down(company: Company) -> None:
    row = company.require()
    drop_certificate(requirement=row, actor=company.safety, now=NOW)
    assert pairs(company.below) == []
    assert Act.objects.filter(verb="drop_certificate").count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trade": " "}, "no_trade"),
        ({"trade": "长" * 41}, "too_long"),
        ({"source": ""}, "no_source"),
        ({"kind": "juggler"}, "unknown_kind"),
        ({"trade": "架子工", "kind": "scaffolder"}, "required_already"),
    ],
)
def test_what_cannot_be_required_is_refused_and_nothing_is_written(company: Company, changes: dict, code: str) -> None:
    acts = Act.objects.count()
    with pytest.raises(RequirementRefused) as refused:
        company.require(**changes)
    assert refused.value.code == code
    assert (CertificateRequirement.objects.count(), Act.objects.count()) == (0, acts)


def test_what_the_company_above_requires_is_not_required_again_below_nor_dropped_there(company: Company) -> None:
    row = company.require()
    with pytest.raises(RequirementRefused) as refused:
        company.require(organisation=company.below, actor=company.below_safety)
    assert refused.value.code == "required_already"
    with pytest.raises(RequirementRefused) as refused:
        drop_certificate(requirement=row, actor=company.below_safety, now=NOW)
    assert refused.value.code == "not_yours"
    assert pairs(company.below) == [("钢筋工", "electrician")]
