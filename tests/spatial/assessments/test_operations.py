"""An assessment of real rows: exact numbers, kept as a snapshot that gives the same bytes again, signed, and seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from spatial.assessments.facts import month_ends
from spatial.assessments.models import Assessment, AssessmentSignature
from spatial.assessments.operations import (
    AssessmentForbidden,
    keep_assessment,
    recomputed_sha256,
    sign_assessment,
)
from spatial.assessments.queries import assessable, assessment_now, sites_for, visible
from spatial.assessments.rules import SigningRefused
from spatial.ledger.models import Act
from spatial.ledger.queries import verify_chain
from spatial.ledger.rules import canonical_json
from spatial.rulebook.queries import current_edition
from spatial.zones.operations import start_trigger
from tests.spatial.conftest import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=400)  # every row of a test is known by then


def content_of(enterprise, as_of=LATER):
    sites = sites_for(enterprise.department, enterprise.organisation)
    return assessment_now(enterprise.organisation, sites, as_of=as_of)[1]


def miss_a_check(enterprise, starts_at):
    start_trigger(
        site=enterprise.cast.site, kind="CONTROL_MISSED", starts_at=starts_at, source_kind="patrol", source_id="1",
        source_label="深基坑 巡查", edition=current_edition(on=NOW.date()), now=NOW,
    )  # fmt: skip


def test_the_numbers_of_two_sites_are_exact(enterprise):
    content = content_of(enterprise)
    assert content["totals"]["counts"] == {"4": 1, "3": 1, "2": 0, "1": 1}
    assert (content["totals"]["sites"], content["totals"]["people"], content["totals"]["sources"]) == (2, 31, 4)
    assert [(row["code"], row["points"], row["grade"]) for row in content["sites"]] == [
        ("tower", 2, 4),
        ("bridge", 1, 1),
    ]
    accidents = [(row["name"], row["total"]) for row in content["accidents"]]
    assert accidents == [("高处坠落", 2), ("坍塌", 1), ("触电", 1)]
    (major,) = content["major"]
    assert (major["code"], major["missing"]) == ("R-01", ["measure:management", "measure:emergency"])
    assert content["months"][-1]["points"] == {"4": 1, "3": 1, "2": 0, "1": 1}
    assert [row["code"] for row in content["conclusions"]][:4] == ["counts", "level", "accidents", "major_gaps"]


def test_a_missed_check_raises_only_once_it_holds(enterprise):
    miss_a_check(enterprise, starts_at=LATER - timedelta(hours=1))
    assert content_of(enterprise, as_of=LATER - timedelta(hours=2))["totals"]["missed"] == 0
    content = content_of(enterprise)
    assert (content["totals"]["missed"], content["totals"]["overdue"]) == (1, 0)
    assert [row["label"] for row in content["raising"]] == ["深基坑 巡查"]


def test_a_snapshot_gives_the_same_bytes_again_from_rows_and_from_its_facts(enterprise):
    first = keep_assessment(organisation=enterprise.organisation, actor=enterprise.department, now=LATER)
    second = keep_assessment(organisation=enterprise.organisation, actor=enterprise.head, now=LATER)
    assert (first.number, second.number) == (1, 2)
    assert first.content == second.content and first.content_sha256 == second.content_sha256
    stored = Assessment.objects.get(pk=first.pk)
    assert recomputed_sha256(stored) == stored.content_sha256
    assert canonical_json(json.loads(stored.content)).decode() == stored.content
    assert verify_chain(enterprise.organisation) == []


def test_a_changed_number_in_the_facts_is_seen(enterprise):
    row = keep_assessment(organisation=enterprise.organisation, actor=enterprise.department, now=LATER)
    row.facts["open_hazards"] = 99
    row.save()
    assert recomputed_sha256(Assessment.objects.get(pk=row.pk)) != row.content_sha256


def test_a_kept_assessment_stays_when_the_site_changes(enterprise):
    row = keep_assessment(organisation=enterprise.organisation, actor=enterprise.department, now=LATER)
    miss_a_check(enterprise, starts_at=NOW)
    assert content_of(enterprise)["totals"]["missed"] == 1
    assert json.loads(Assessment.objects.get(pk=row.pk).content)["totals"]["missed"] == 0


def test_the_department_compiles_and_the_head_approves(enterprise):
    row = keep_assessment(organisation=enterprise.organisation, actor=enterprise.department, now=LATER)
    before = Act.objects.count()
    for step, who in (("approve", enterprise.head), ("compile", enterprise.head), ("compile", enterprise.cast.manager)):
        with pytest.raises(SigningRefused):
            sign_assessment(assessment=row, step=step, actor=who, now=LATER)
    assert (Act.objects.count(), AssessmentSignature.objects.count()) == (before, 0)
    sign_assessment(assessment=row, step="compile", actor=enterprise.department, now=LATER)
    sign_assessment(assessment=row, step="approve", actor=enterprise.head, now=LATER)
    assert list(row.signatures.values_list("step", "signer_name")) == [("compile", "department"), ("approve", "head")]


@pytest.mark.parametrize("who", ["cast.manager", "cast.officer", "cast.stranger", "city_regulator"])
def test_only_the_company_keeps_an_assessment(enterprise, who):
    actor, before = enterprise, Act.objects.count()
    for name in who.split("."):
        actor = getattr(actor, name)
    with pytest.raises(AssessmentForbidden):
        keep_assessment(organisation=enterprise.organisation, actor=actor, now=LATER)
    assert (Assessment.objects.count(), Act.objects.count()) == (0, before)


def test_who_sees_which_sites_and_which_snapshots(enterprise):
    keep_assessment(organisation=enterprise.organisation, actor=enterprise.department, now=LATER)
    cast = enterprise.cast
    seen = {
        user.username: ([site.code for site in sites_for(user, enterprise.organisation)], visible(user).count())
        for user in (
            enterprise.department,
            enterprise.head,
            enterprise.city_regulator,
            cast.town,
            cast.manager,
            cast.stranger,
        )
    }
    both = ["bridge", "tower"]
    assert seen == {
        "department": (both, 1),
        "head": (both, 1),
        "city": (both, 1),
        "town": (["tower"], 0),  # the district's regulator sees its own site, and no snapshot that holds others
        "manager": ([], 0),
        "stranger": ([], 0),
    }
    assert [row.name for row in assessable(cast.town)] == ["中原建设"]
    assert assessable(cast.manager) == []


def test_the_last_twelve_months_end_at_local_midnight_and_the_newest_at_the_moment():
    ends = month_ends(datetime(2026, 1, 31, 17, 0, tzinfo=UTC), 12)  # 1 February, 01:00 in Shanghai
    assert [name for name, _, _ in ends] == ["2025-03", *(f"2025-{n:02}" for n in range(4, 13)), "2026-01", "2026-02"]
    assert ends[-2][2].isoformat() == "2026-02-01T00:00:00+08:00"
    assert ends[-1][2].isoformat() == "2026-02-01T01:00:00+08:00"
