"""From template to issued document, the leading group, trainings; and what is refused without a trace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from spatial.ledger.models import Act
from spatial.ledger.queries import verify_chain
from spatial.people.models import Role
from spatial.people.operations import create_user, grant_role
from spatial.people.rules import add_months
from spatial.planning.body import BodyRefused
from spatial.planning.models import DocumentSignature, DocumentVersion, GroupMember, TrainingSession
from spatial.planning.operations import (
    DocumentIncomplete,
    PlanningForbidden,
    PlanningRefused,
    begin_document,
    end_seat,
    note_training,
    return_document,
    save_text,
    seat_member,
    sign_document,
)
from spatial.planning.queries import next_step, overview, visible
from spatial.planning.rules import SigningRefused
from spatial.planning.templates import template_set

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def written() -> tuple[int, ...]:
    rows = (Act, DocumentVersion, DocumentSignature, GroupMember, TrainingSession)
    return tuple(row.objects.count() for row in rows)


def seat(planners, user, duty, **changes):
    given = {"site": planners.site, "user": user, "duty": duty, "since": TODAY, "actor": planners.cast.manager}
    return seat_member(**(given | {"now": planners.cast.now} | changes))


def whole_group(planners) -> None:
    seat(planners, planners.cast.manager, "leader")
    seat(planners, planners.department, "deputy")
    seat(planners, planners.cast.officer, "officer")
    seat(planners, planners.cast.worker, "member", task="木工班组长")


def begin(planners, kind="org_decision"):
    return begin_document(site=planners.site, kind=kind, actor=planners.cast.officer, now=planners.cast.now)


def issue(planners, kind="org_decision", now=None):
    cast, version = planners.cast, begin(planners, kind)
    for step, who in (
        ("compile", cast.officer),
        ("review", cast.manager),
        ("approve", planners.head),
        ("issue", cast.officer),
    ):
        version = sign_document(version=version, step=step, actor=who, now=now or cast.now)
    return version


def codes(planners, on=TODAY):
    return [(row.code, row.about) for row in overview(planners.site, on=on).findings]


def test_a_document_begins_with_its_templates_text_and_number(planners):
    version = begin(planners)
    assert version.document_number == "TOWER-SC-01-V1"
    assert (version.state, version.number, version.template) == ("draft", 1, "cn-construction-planning 2026.1")
    assert version.text == template_set().documents["org_decision"].text
    assert Act.objects.get(verb="begin_document").details["document_number"] == "TOWER-SC-01-V1"


def test_four_signatures_in_order_issue_it_with_day_validity_and_signed_acts(planners):
    whole_group(planners)
    version = issue(planners)
    assert (version.state, version.issued_on, version.valid_until) == ("issued", TODAY, date(2028, 11, 23))
    assert (version.leader, version.officer) == (planners.cast.manager, planners.cast.officer)
    assert version.facts["group_leader"] == "manager"
    assert len(version.facts["group"]) == 5
    signatures = list(version.signatures.values_list("step", "signer_name", "signer_role"))
    assert signatures == [
        ("compile", "officer", "site_safety"), ("review", "manager", "project_manager"),
        ("approve", "head", "enterprise_head"), ("issue", "officer", "site_safety"),
    ]  # fmt: skip
    assert {row.act.details["content_sha256"] for row in version.signatures.all()} == {version.content_sha256}
    assert len(version.content_sha256) == 64
    assert verify_chain(planners.site.organisation) == []


def test_a_document_with_fields_that_nothing_fills_is_not_signed(planners):
    version, before = begin(planners), written()
    with pytest.raises(DocumentIncomplete, match="Leader of the group, Deputy leaders") as refused:
        sign_document(version=version, step="compile", actor=planners.cast.officer, now=planners.cast.now)
    assert refused.value.fields == ["group_leader", "group_deputies", "group_members", "officer", "group"]
    assert written() == before
    version.refresh_from_db()
    assert (version.state, version.facts) == ("draft", {})


def test_signatures_out_of_order_by_the_compiler_or_by_a_worker_change_nothing(planners):
    whole_group(planners)
    cast, version = planners.cast, begin(planners)
    version = sign_document(version=version, step="compile", actor=cast.manager, now=cast.now)
    before = written()
    for step, who in (
        ("approve", planners.head),
        ("review", cast.manager),
        ("review", cast.worker),
        ("review", cast.stranger),
    ):
        with pytest.raises(SigningRefused):
            sign_document(version=version, step=step, actor=who, now=cast.now)
    assert written() == before
    assert DocumentVersion.objects.get().state == "compiled"
    assert next_step(version, cast.manager) == ""
    assert next_step(version, planners.department) == "review"


def test_a_signed_version_is_not_edited_until_it_is_returned_with_a_reason(planners):
    whole_group(planners)
    cast, version = planners.cast, begin(planners)
    version = sign_document(version=version, step="compile", actor=cast.officer, now=cast.now)
    with pytest.raises(PlanningRefused, match="not edited"):
        save_text(version=version, title="改", text="改", actor=cast.officer, now=cast.now)
    with pytest.raises(PlanningRefused, match="Say why"):
        return_document(version=version, reason=" ", actor=cast.manager, now=cast.now)
    with pytest.raises(PlanningForbidden):
        return_document(version=version, reason="不全", actor=cast.worker, now=cast.now)
    version = return_document(version=version, reason="职责不全", actor=cast.manager, now=cast.now)
    assert (version.state, version.facts, version.content_sha256, version.leader) == ("draft", {}, "", None)
    assert version.signatures.get().voided_at == cast.now
    edited = save_text(
        version=version, title="成立领导小组的通知", text="# 一\r\n{{group_leader}}", actor=cast.officer, now=cast.now
    )
    assert edited.text == "# 一\n{{group_leader}}"
    again = sign_document(version=edited, step="compile", actor=cast.officer, now=cast.now)
    assert again.facts == {"group_leader": "manager"}


def test_a_bad_text_names_its_line_and_is_not_kept(planners):
    version = begin(planners)
    with pytest.raises(BodyRefused, match="Line 2: There is no field nobody"):
        save_text(
            version=version, title="标题", text="好\n{{nobody}}", actor=planners.cast.officer, now=planners.cast.now
        )
    version.refresh_from_db()
    assert version.text == template_set().documents["org_decision"].text


def test_a_second_version_goes_on_from_the_first_and_replaces_it_when_issued(planners):
    whole_group(planners)
    first = issue(planners)
    second = begin(planners)
    assert (second.number, second.document_number, second.text) == (2, "TOWER-SC-01-V2", first.text)
    with pytest.raises(PlanningRefused, match="not issued yet"):
        begin(planners)
    for step, who in (
        ("compile", planners.cast.officer),
        ("review", planners.department),
        ("approve", planners.head),
        ("issue", planners.cast.manager),
    ):
        second = sign_document(version=second, step=step, actor=who, now=planners.cast.now)
    states = dict(DocumentVersion.objects.values_list("number", "state"))
    assert states == {1: "replaced", 2: "issued"}


def test_an_empty_site_lacks_all_and_a_whole_one_lacks_nothing_and_has_ten_points(planners):
    cast = planners.cast
    found = codes(planners)
    assert len([code for code, _ in found if code == "absent"]) == 9
    assert len(found) == 3 + 9 + 3
    assert overview(planners.site, on=TODAY).got == 0
    whole_group(planners)
    for kind in template_set().documents:
        issue(planners, kind)
    for level, people in (("management", 1), ("team", 1), ("worker", 1)):
        note_training(
            site=planners.site,
            level=level,
            topic="双重预防",
            held_on=TODAY,
            attended=people,
            actor=cast.officer,
            now=cast.now,
        )
    whole = overview(planners.site, on=TODAY)
    assert whole.findings == []
    assert [row.got for row in whole.points] == [2, 2, 2, 2, 2]
    assert (whole.got, whole.full) == (10, 10)


def test_a_changed_person_and_a_changed_place_put_issued_documents_out_of_date_with_what_changed(planners):
    whole_group(planners)
    issue(planners)
    issue(planners, "regime")
    assert ("out_of_date", "org_decision") not in codes(planners)
    successor = create_user(username="new", password="a long pass phrase", full_name="新经理", now=planners.cast.now)
    grant_role(user=successor, role=Role.PROJECT_MANAGER, site=planners.site, now=planners.cast.now)
    planners.cast.manager.memberships.all().delete()
    planners.site.name = "塔楼二期"
    planners.site.save()
    standings = {line.kind: line.standing for line in overview(planners.site, on=TODAY).documents}
    changed = {c.field: (c.before, c.now) for c in standings["org_decision"].changes}
    assert changed["project_manager"] == ("manager", "新经理")
    assert changed["site_name"] == ("塔楼", "塔楼二期")
    assert [c.field for c in standings["regime"].changes] == ["site_name"]
    found = codes(planners)
    assert ("leader_not_manager", "leader") in found and ("seat_gone", "leader") in found
    assert [row.got for row in overview(planners.site, on=TODAY).points][:2] == [2, 0]


def test_more_risk_points_do_not_put_a_document_out_of_date(planners):
    from tests.spatial.risks.test_operations import make_point

    whole_group(planners)
    issue(planners, "implementation_plan")
    make_point(planners.cast, "R-09")
    assert [code for code, kind in codes(planners) if kind == "implementation_plan"] == []


def test_an_expired_document_counts_no_more(planners):
    whole_group(planners)
    issue(planners)
    late = date(2028, 11, 24)
    assert ("expired", "org_decision") in codes(planners, on=late)
    assert ("expires_soon", "org_decision") in codes(planners, on=date(2028, 11, 1))
    assert [row.got for row in overview(planners.site, on=late).points][:3] == [0, 0, 0]


def test_a_new_leader_takes_the_seat_of_the_one_before(planners):
    first = seat(planners, planners.cast.officer, "leader")
    seat(planners, planners.cast.manager, "leader")
    first.refresh_from_db()
    assert first.ended_at == planners.cast.now
    assert GroupMember.objects.get(duty="leader", ended_at=None).user == planners.cast.manager


@pytest.mark.parametrize(
    ("who", "duty", "actor", "words"),
    [
        ("stranger", "member", "manager", "has no role on this site"),
        ("worker", "king", "manager", "is no duty"),
        ("worker", "member", "worker", "Only the safety officer"),
        ("officer", "officer", "manager", "already has this duty"),
    ],
)
def test_a_seat_is_refused_and_nothing_is_written(planners, who, duty, actor, words):
    seat(planners, planners.cast.officer, "officer")
    before = written()
    with pytest.raises(PlanningRefused, match=words):
        seat(planners, getattr(planners.cast, who), duty, actor=getattr(planners.cast, actor))
    assert written() == before


def test_a_seat_ends_once(planners):
    row = seat(planners, planners.cast.officer, "officer")
    end_seat(seat=row, actor=planners.cast.manager, now=planners.cast.now)
    end_seat(seat=row, actor=planners.cast.manager, now=planners.cast.now)
    assert Act.objects.filter(verb="end_seat").count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"level": "all"}, "is no level"),
        ({"topic": " "}, "Say what"),
        ({"held_on": TODAY + timedelta(days=1)}, "when it was held"),
        ({"attended": 0}, "Between 1 and"),
    ],
)
def test_a_training_is_refused_and_nothing_is_written(planners, changes, words):
    given = {"site": planners.site, "level": "team", "topic": "交底", "held_on": TODAY, "attended": 3}
    before = written()
    with pytest.raises(PlanningRefused, match=words):
        note_training(**(given | changes), actor=planners.cast.officer, now=planners.cast.now)
    assert written() == before


def test_a_stranger_sees_no_document(planners):
    begin(planners)
    assert visible(planners.cast.town).count() == 1
    assert visible(planners.cast.stranger).count() == 0


def test_months_end_on_the_last_day_of_a_shorter_month():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert add_months(date(2026, 12, 15), 12) == date(2027, 12, 15)
