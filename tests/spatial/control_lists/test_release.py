"""From draft to list in force: everything missing is named, only publishing changes risk points, all in one act."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from spatial.control_lists import release
from spatial.control_lists.models import EntrySource, ListEntry, ListVersion, ReviewStep
from spatial.control_lists.operations import (
    ListForbidden,
    ListRefused,
    ListStateRefused,
    drop_draft,
    place_entry,
    remark,
    remove_entry,
    replace_entries,
    save_entry,
    settle_remark,
    start_draft,
    take_unlisted,
)
from spatial.control_lists.queries import changes_of, entries_data, in_force, tables_of, unlisted_points
from spatial.control_lists.rules import EntryData, PlaceData
from spatial.ledger.models import Act
from spatial.ledger.queries import verify_chain
from spatial.risks.models import RiskPoint

from .conftest import FALL, PEOPLE, row

pytestmark = pytest.mark.django_db


def problems(error: pytest.ExceptionInfo) -> set[tuple[str, str]]:
    return {(problem.row, problem.field) for problem in error.value.problems}


def test_a_draft_may_be_incomplete_and_submit_names_every_missing_thing_by_row_and_field(company, draft):
    version = draft(EntryData(code="ZY-001", name=""), row("ZY-002", sources=(replace(FALL, before={"L": 3}),)))
    with pytest.raises(ListRefused) as error:
        release.submit(version=version, actor=company.cast.officer, now=company.now)
    assert problems(error) == {
        ("ZY-001", "name"), ("ZY-001", "place"), ("ZY-001", "sources"), ("ZY-002", "before"),
    }  # fmt: skip
    version.refresh_from_db()
    assert version.state == "draft" and not ReviewStep.objects.exists()


def test_an_empty_list_is_not_submitted(company, draft):
    with pytest.raises(ListRefused):
        release.submit(version=draft(), actor=company.cast.officer, now=company.now)


def test_grades_are_computed_and_a_direct_judgement_makes_a_point_major(company, draft):
    judged = replace(FALL, judgement="DJ-03")
    draft(row("ZY-001"), row("ZY-002", sources=(judged,)))
    stored = {s.entry.code: (s.value_before, s.grade_before, s.value_after, s.grade_after)
              for s in EntrySource.objects.select_related("entry")}  # fmt: skip
    assert stored == {"ZY-001": (270.0, 3, 90.0, 2), "ZY-002": (270.0, 4, 90.0, 2)}
    assert list(ListEntry.objects.values_list("grade_before", "grade_after")) == [(3, 2), (4, 2)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sources": (replace(FALL, before={"L": 4, "E": 6, "C": 15}),)}, "before.L"),
        ({"sources": (replace(FALL, before={"L": 3, "E": 6, "C": 15, "D": 1}),)}, "before.D"),
        ({"sources": (replace(FALL, judgement="DJ-05"),)}, "judgement"),
        ({"sources": (replace(FALL, name="长" * 161),)}, "source"),
        ({"columns": {"model": "QTZ80"}}, "columns"),
        ({"columns": {"routine": "sometimes"}}, "columns.routine"),
        ({"lead_level": "town"}, "lead_level"),
        ({"place": PlaceData("SRID=4490;POINT Z (114.9 34.765 100)")}, "place"),
        ({"place": PlaceData("SRID=4490;POLYGON Z ((113.77 34.765 1,113.771 34.766 1,113.771 34.765 1,"
                             "113.77 34.766 1,113.77 34.765 1))")}, "place"),
    ],
)  # fmt: skip
def test_what_no_table_has_is_refused_at_once_and_nothing_is_stored(draft, changes, field):
    with pytest.raises(ListRefused) as error:
        draft(row(**changes))
    assert {one for _, one in problems(error)} == {field}
    assert ListEntry.objects.count() == 0


def test_orange_needs_three_kinds_of_measures_and_every_level_from_the_lead_down(company, draft):
    bare = replace(FALL, measures={"training": ("交底",)})
    version = draft(row(sources=(bare,), people=PEOPLE[2:]))
    with pytest.raises(ListRefused) as error:
        release.submit(version=version, actor=company.cast.officer, now=company.now)
    assert problems(error) == {
        ("ZY-001", "measures.engineering"), ("ZY-001", "measures.management"), ("ZY-001", "measures.emergency"),
        ("ZY-001", "people.project"),
    }  # fmt: skip


def test_a_company_may_lift_the_lead_level_and_never_lower_it(company, draft):
    version = draft(row("ZY-001", lead_level="company", people=PEOPLE[1:]), row("ZY-002", lead_level="post"))
    with pytest.raises(ListRefused) as error:
        release.submit(version=version, actor=company.cast.officer, now=company.now)
    assert problems(error) == {("ZY-001", "people.company"), ("ZY-002", "lead_level")}


def test_publishing_creates_the_points_signs_the_content_and_sets_the_next_assessment(company, draft, publish):
    version = publish(draft(row("ZY-001"), row("ZY-002", lead_level="company")))
    point = RiskPoint.objects.get(code="ZY-001")
    source = point.sources.get()
    assert (point.state, point.residual_grade, source.grade, source.value) == ("active", 2, 3, 270.0)
    assert sorted(point.responsible.values_list("level", flat=True)) == ["company", "post", "project", "team"]
    assert source.measures.count() == 5
    assert version.reassess_due == date(2027, 11, 23)
    act = Act.objects.get(verb="publish_control_list")
    assert act.details["content_sha256"] == release.content_sha256(version)
    assert (act.details["created"], act.details["revised"], act.details["closed"]) == (2, 0, 0)
    step = ReviewStep.objects.get(verb="publish")
    assert (step.act_hash, step.actor, step.actor_role) == (act.hash, company.head, "enterprise_head")
    assert verify_chain(company.site.organisation) == []


def test_nothing_before_publication_changes_a_risk_point(company, draft, publish):
    publish(draft(row("ZY-001")))
    later = company.now + timedelta(days=1)
    version = draft(now=later)
    entry = version.entries.get()
    milder = replace(row("ZY-001"), sources=(replace(FALL, before={"L": 1, "E": 3, "C": 3}, after={}),))
    before = list(RiskPoint.objects.values()), Act.objects.filter(subject_kind="riskpoint").count()
    save_entry(version=version, entry=entry, data=milder, actor=company.cast.officer, now=later)
    release.submit(version=version, actor=company.cast.officer, now=later)
    release.pass_department(version=version, note="同意", actor=company.department, now=later)
    assert (list(RiskPoint.objects.values()), Act.objects.filter(subject_kind="riskpoint").count()) == before
    release.publish(version=version, actor=company.head, now=later)
    assert RiskPoint.objects.get().sources.get().grade == 1


def test_the_next_version_revises_what_changed_leaves_what_did_not_and_closes_what_went(company, draft, publish):
    first = publish(draft(row("ZY-001"), row("ZY-002"), row("ZY-003")))
    later = company.now + timedelta(days=1)
    version = draft(now=later)
    rows = {entry.code: entry for entry in version.entries.all()}
    renamed = replace(row("ZY-002"), name="四层临边", place=entries_data(version)[1].place)
    save_entry(version=version, entry=rows["ZY-002"], data=renamed, actor=company.cast.officer, now=later)
    remove_entry(version=version, entry=rows["ZY-003"], actor=company.cast.officer, now=later)
    save_entry(version=version, data=row("ZY-004"), actor=company.cast.officer, now=later)
    changes = {c.code: c.what for c in changes_of(version, tables_of(version.rule_edition))}
    assert changes == {"ZY-002": ("columns",), "ZY-004": ("added",), "ZY-003": ("removed",)}
    publish(version, now=later)
    act = Act.objects.filter(verb="publish_control_list").latest("sequence").details
    assert {name: act[name] for name in ("created", "revised", "unchanged", "closed")} == {
        "created": 1, "revised": 1, "unchanged": 1, "closed": 1,
    }  # fmt: skip
    assert dict(RiskPoint.objects.values_list("code", "state")) == {
        "ZY-001": "active", "ZY-002": "active", "ZY-003": "closed", "ZY-004": "active",
    }  # fmt: skip
    first.refresh_from_db()
    assert (first.state, first.superseded_at, first.entries.count()) == ("superseded", later, 3)
    assert in_force(company.site, "activity").number == 2


def test_a_row_taken_out_of_the_first_draft_closes_its_point(company, draft, publish):
    publish(draft(row("ZY-001")))
    ListVersion.objects.all().update(state="dropped")  # as if the points had come from elsewhere
    version = start_draft(site=company.site, kind="activity", actor=company.cast.officer, now=company.now)
    remove_entry(version=version, entry=version.entries.get(), actor=company.cast.officer, now=company.now)
    save_entry(version=version, data=row("ZY-009"), actor=company.cast.officer, now=company.now)
    publish(version)
    assert dict(RiskPoint.objects.values_list("code", "state")) == {"ZY-001": "closed", "ZY-009": "active"}


def test_points_in_no_list_stay_in_force_and_can_be_taken_in(company, draft, publish):
    publish(draft(row("ZY-001")))
    from spatial.places.operations import place_anchor
    from spatial.risks.operations import create_risk_point

    create_risk_point(
        site=company.site, code="R-9", name="动火", kind="activity",
        anchor=place_anchor(site=company.site, lon=113.77, lat=34.765),
        sources=[{"name": "火花", "accident_type": "火灾", "method": "LS", "scores": {"L": 2, "S": 2}}],
        responsible=[{"level": "post", "full_name": "焊工"}], actor=None, now=company.now,
    )  # fmt: skip
    version = draft()
    assert [p.code for p in unlisted_points(company.site, "activity", version)] == ["R-9"]
    assert take_unlisted(version=version, actor=company.cast.officer, now=company.now) == 1
    assert take_unlisted(version=version, actor=company.cast.officer, now=company.now) == 0
    assert [entry.code for entry in version.entries.all()] == ["ZY-001", "R-9"]


def test_a_dropped_direct_judgement_needs_a_reason(company, draft, publish):
    publish(draft(row("ZY-001", sources=(replace(FALL, judgement="DJ-03"),))))
    assert RiskPoint.objects.get().direct_major
    version = draft()
    entry, place = version.entries.get(), entries_data(version)[0].place
    plain = row("ZY-001", place=place)
    save_entry(version=version, entry=entry, data=plain, actor=company.cast.officer, now=company.now)
    with pytest.raises(ListRefused) as error:
        release.submit(version=version, actor=company.cast.officer, now=company.now)
    assert problems(error) == {("ZY-001", "lowering_reason")}
    reason = replace(plain, lowering_reason="超危大工程已完工")
    save_entry(version=version, entry=entry, data=reason, actor=company.cast.officer, now=company.now)
    publish(version)
    assert not RiskPoint.objects.get().direct_major


def test_each_step_has_its_role_and_its_state(company, draft):
    version = draft(row())
    acts = {"actor": company.cast.officer, "now": company.now}
    with pytest.raises(ListStateRefused):
        release.publish(version=version, note="", **(acts | {"actor": company.head}))
    for actor in (company.cast.worker, company.cast.town, company.cast.stranger, company.head):
        with pytest.raises(ListForbidden):
            release.submit(version=version, actor=actor, now=company.now)
    version = release.submit(version=version, **acts)
    with pytest.raises(ListForbidden):
        release.pass_department(version=version, note="同意", **acts)
    with pytest.raises(ListRefused):
        release.return_to_project(version=version, note=" ", actor=company.department, now=company.now)
    with pytest.raises(ListStateRefused):
        save_entry(version=version, data=row("ZY-002"), **acts)
    version = release.return_to_project(version=version, note="措施不具体", actor=company.department, now=company.now)
    assert version.state == "draft" and version.steps.latest("id").note == "措施不具体"
    version = release.withdraw(version=release.submit(version=version, **acts), **acts)
    version = release.submit(version=version, **acts)
    version = release.pass_department(version=version, note="同意", actor=company.department, now=company.now)
    with pytest.raises(ListForbidden):
        release.publish(version=version, actor=company.department, now=company.now)
    version = release.return_to_project(version=version, note="再评估", actor=company.head, now=company.now)
    assert [s.verb for s in version.steps.all()] == [
        "submit", "return", "submit", "withdraw", "submit", "pass", "return",
    ]  # fmt: skip
    assert not RiskPoint.objects.exists()


def test_the_next_assessment_is_at_most_a_year_away(company, draft):
    version = release.submit(version=draft(row()), actor=company.cast.officer, now=company.now)
    version = release.pass_department(version=version, note="同意", actor=company.department, now=company.now)
    for due in (date(2027, 11, 24), date(2026, 11, 23)):
        with pytest.raises(ListRefused):
            release.publish(version=version, reassess_due=due, actor=company.head, now=company.now)
    assert not RiskPoint.objects.exists()
    version = release.publish(version=version, reassess_due=date(2027, 5, 1), actor=company.head, now=company.now)
    assert version.reassess_due == date(2027, 5, 1)


def test_a_number_of_another_risk_point_is_refused_and_nothing_is_published(company, draft, publish):
    publish(draft(row("X-1")))
    other = draft(replace(row("X-1"), columns={}), kind="facility")
    with pytest.raises(ListRefused) as error:
        release.submit(version=other, actor=company.cast.officer, now=company.now)
    assert problems(error) == {("X-1", "code")}


def test_one_version_is_under_way_at_a_time_and_a_dropped_one_frees_the_way(company, draft):
    version = draft()
    with pytest.raises(ListStateRefused):
        draft()
    drop_draft(version=version, reason="重来", actor=company.cast.officer, now=company.now)
    assert draft().number == 2


def test_two_people_at_one_row_do_not_overwrite_each_other(company, draft):
    version = draft(row())
    entry = version.entries.get()
    seen = entry.revision
    save_entry(version=version, entry=entry, revision=seen, data=row(name="甲"), actor=company.cast.officer,
               now=company.now)  # fmt: skip
    with pytest.raises(ListRefused):
        save_entry(version=version, entry=entry, revision=seen, data=row(name="乙"), actor=company.cast.manager,
                   now=company.now)  # fmt: skip
    assert version.entries.get().name == "甲"


def test_a_row_placed_anew_moves_its_point_when_published(company, draft, publish):
    publish(draft(row()))
    version = draft()
    place = PlaceData("SRID=4490;POLYGON Z ((113.77 34.765 101,113.7701 34.765 101,113.7701 34.7651 101,"
                      "113.77 34.765 101))")  # fmt: skip
    place_entry(version=version, entry=version.entries.get(), place=place, actor=company.cast.officer, now=company.now)
    assert RiskPoint.objects.get().anchor.geometry.geom_type == "Point"
    publish(version)
    assert RiskPoint.objects.get().anchor.geometry.geom_type == "Polygon"


def test_replacing_all_rows_keeps_place_and_point_of_rows_with_the_same_number(company, draft, publish):
    publish(draft(row("ZY-001"), row("ZY-002")))
    version = draft()
    new = [row("ZY-001", place=None, name="改名"), row("ZY-005")]
    replace_entries(version=version, data=new, source={"file": "a.xlsx"}, actor=company.cast.officer, now=company.now)
    kept, added = version.entries.order_by("position")
    assert (kept.risk_point.code, kept.place_set, kept.geometry is None) == ("ZY-001", False, False)
    assert (added.risk_point, added.place_set) == (None, True)
    publish(version)
    assert RiskPoint.objects.get(code="ZY-002").state == "closed"


def test_remarks_are_written_by_reviewers_and_answered_by_the_project(company, draft):
    version = draft(row())
    made = remark(version=version, row="ZY-001", text="补充监测措施", actor=company.department, now=company.now)
    with pytest.raises(ListForbidden):
        remark(version=version, text="x", actor=company.cast.worker, now=company.now)
    with pytest.raises(ListRefused):
        remark(version=version, row="ZY-404", text="x", actor=company.department, now=company.now)
    with pytest.raises(ListForbidden):
        settle_remark(remark=made, answer="已补充", actor=company.department, now=company.now)
    done = settle_remark(remark=made, answer="已补充", actor=company.cast.officer, now=company.now)
    assert (done.answer, done.settled_by) == ("已补充", company.cast.officer)


def test_strangers_see_no_list(company, draft):
    from spatial.control_lists.queries import visible

    version = draft()
    assert list(visible(company.cast.town)) == [version]
    assert list(visible(company.cast.stranger)) == []
