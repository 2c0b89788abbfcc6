"""The general path of a ticket, step by step, with its triggers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from spatial.hazards import operations as acts
from spatial.hazards.models import Hazard, Photo
from spatial.hazards.queries import is_overdue, next_events, overdue_days, overdue_hazards
from spatial.hazards.refusals import ActorRefused, EvidenceRefused, HazardRefused, TransitionRefused
from spatial.ledger.models import Act
from spatial.ledger.queries import verify_chain
from spatial.notices.models import Event
from spatial.zones.models import Trigger
from spatial.zones.queries import site_colours

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def report(cast, place, photo):
    def make(number: int = 1, **changes) -> Hazard:
        fields = {
            "site": cast.site,
            "anchor_at": place,
            "description": "临边防护缺失",
            "category": "高处作业",
            "photos": [photo(number)],
            "found_at": cast.now,
            "actor": cast.worker,
            "now": cast.now,
        }
        return acts.report_hazard(**(fields | changes))

    return make


@pytest.fixture
def assign(cast):
    def do(hazard: Hazard, **changes) -> Hazard:
        fields = {
            "hazard": hazard,
            "rectifier": cast.other_worker,
            "rechecker": cast.officer,
            "acceptance_person": cast.manager,
            "measure": "安装防护栏杆",
            "deadline": cast.now + HOUR,
            "actor": cast.officer,
            "now": cast.now,
        }
        return acts.approve_general(**(fields | changes))

    return do


@pytest.fixture
def fix(cast, photo):
    def do(hazard: Hazard, after: timedelta, number: int = 50, **changes) -> Hazard:
        fields = {
            "hazard": hazard,
            "text": "已安装",
            "photos": [photo(number)],
            "fixed_at": cast.now + after,
            "actor": cast.other_worker,
            "now": cast.now + after,
        }
        return acts.submit_fix(**(fields | changes))

    return do


def grade(cast, zone, at: timedelta) -> int:
    return site_colours(cast.site, now=cast.now + at).zones[zone.pk].grade


def test_a_ticket_reddens_its_zone_at_its_deadline_and_a_recheck_closes_it(
    cast, zone_of_site, report, assign, fix, photo
):
    hazard = assign(report())
    assert (hazard.state, hazard.notice_number) == ("ASSIGNED", "ZG-tower-202611-0001")
    assert grade(cast, zone_of_site, HOUR - MINUTE) == 2
    assert site_colours(cast.site, now=cast.now).next_change_at == cast.now + HOUR
    assert grade(cast, zone_of_site, HOUR) == 4
    reason = site_colours(cast.site, now=cast.now + HOUR).zones[zone_of_site.pk].reasons[0]
    assert (reason.kind, reason.since) == ("HAZ_GENERAL_OVERDUE", cast.now + HOUR)
    assert (reason.source_kind, reason.source_id) == ("hazard", str(hazard.pk))
    hazard = fix(hazard, 2 * HOUR)
    assert grade(cast, zone_of_site, 2 * HOUR) == 4  # handing in late does not end it
    hazard = acts.recheck_pass(
        hazard=hazard, conclusion="合格", photos=[photo(60)], actor=cast.officer, now=cast.now + 3 * HOUR
    )
    assert grade(cast, zone_of_site, 3 * HOUR) == 4
    hazard = acts.auto_close(hazard=hazard, actor=cast.officer, now=cast.now + 3 * HOUR)
    assert (hazard.state, hazard.closed_at) == ("CLOSED", cast.now + 3 * HOUR)
    assert grade(cast, zone_of_site, 3 * HOUR) == 0
    assert grade(cast, zone_of_site, 30 * DAY) == 0
    events = ["submit", "approve_general", "submit_fix", "recheck_pass", "auto_close"]
    assert [t.event for t in hazard.transitions.all()] == events
    assert [a.verb for a in Act.objects.filter(subject_id=str(hazard.pk))] == events
    told = [e.payload["event"] for e in Event.objects.filter(kind="hazard_changed").order_by("id")]
    assert told == events
    assert verify_chain(cast.site.organisation) == []


def test_handing_in_on_time_stops_the_clock_and_a_failed_recheck_resumes_the_remaining_time(
    cast, zone_of_site, report, assign, fix, photo
):
    hazard = fix(assign(report()), 20 * MINUTE)
    assert grade(cast, zone_of_site, 5 * HOUR) == 2
    assert not is_overdue(hazard, cast.now + 5 * HOUR)
    hazard = acts.recheck_fail(
        hazard=hazard, reason="不合格", photos=[photo(61)], actor=cast.officer, now=cast.now + 5 * HOUR
    )
    assert hazard.deadline == cast.now + 5 * HOUR + 40 * MINUTE
    assert (hazard.state, hazard.recheck_fail_count) == ("ASSIGNED", 1)
    assert grade(cast, zone_of_site, 5 * HOUR + 39 * MINUTE) == 2
    assert grade(cast, zone_of_site, 5 * HOUR + 40 * MINUTE) == 4


def test_a_failed_recheck_never_ends_a_started_overdue(cast, zone_of_site, report, assign, fix, photo):
    hazard = fix(assign(report()), 2 * HOUR)
    hazard = acts.recheck_fail(
        hazard=hazard,
        reason="不合格",
        photos=[photo(61)],
        new_deadline=cast.now + 9 * HOUR,
        actor=cast.officer,
        now=cast.now + 3 * HOUR,
    )
    assert hazard.deadline == cast.now + HOUR
    assert grade(cast, zone_of_site, 4 * HOUR) == 4
    assert is_overdue(hazard, cast.now + 4 * HOUR)
    assert overdue_days(hazard, cast.now + HOUR + DAY) == 1
    assert overdue_days(hazard, cast.now + HOUR + DAY + MINUTE) == 2
    assert list(overdue_hazards(cast.site, now=cast.now + 4 * HOUR)) == [hazard]


def test_an_approved_extension_ends_red_and_the_new_deadline_reddens_again(cast, zone_of_site, report, assign):
    hazard = assign(report())
    hazard = acts.request_extension(
        hazard=hazard,
        new_deadline=cast.now + 2 * HOUR,
        reason="缺材料",
        interim_protection="警戒",
        actor=cast.other_worker,
        now=cast.now + 30 * MINUTE,
    )
    assert grade(cast, zone_of_site, HOUR) == 4
    hazard = acts.approve_extension(hazard=hazard, reason="同意", actor=cast.officer, now=cast.now + 61 * MINUTE)
    assert (hazard.deadline, hazard.extension_count) == (cast.now + 2 * HOUR, 1)
    assert grade(cast, zone_of_site, 61 * MINUTE) == 2
    assert grade(cast, zone_of_site, 2 * HOUR) == 4


def test_an_extension_is_refused_after_the_deadline_and_to_who_asked(cast, report, assign, rows_of):
    hazard = assign(report())
    ask = {"hazard": hazard, "reason": "缺材料", "interim_protection": "警戒"}
    before = rows_of()
    with pytest.raises(TransitionRefused):
        acts.request_extension(**ask, new_deadline=cast.now + 90 * MINUTE, actor=cast.other_worker, now=cast.now + HOUR)
    with pytest.raises(HazardRefused):
        acts.request_extension(**ask, new_deadline=cast.now + 9 * HOUR, actor=cast.manager, now=cast.now)
    with pytest.raises(TransitionRefused):
        acts.approve_extension(hazard=hazard, reason="好", actor=cast.officer, now=cast.now)
    assert rows_of() == before


def test_seven_days_late_is_the_next_step_of_the_same_red(cast, zone_of_site, report, assign):
    assign(report())
    at = cast.now + HOUR + 7 * DAY
    kinds = {r.kind for r in site_colours(cast.site, now=at).zones[zone_of_site.pk].reasons}
    assert kinds == {"HAZ_GENERAL_OPEN", "HAZ_GENERAL_OVERDUE", "HAZ_GENERAL_OVERDUE7"}


def test_three_open_tickets_on_one_risk_point_lift_it_until_one_is_closed(cast, report, assign, fix, photo):
    from tests.spatial.risks.test_operations import make_point

    point = make_point(cast, residual_grade=2)
    hazards = [assign(report(n, risk_point=point), deadline=cast.now + DAY) for n in range(1, 4)]

    def point_grade() -> int:
        return site_colours(cast.site, now=cast.now + HOUR).risk_points[point.pk].grade

    assert point_grade() == 3
    assert Trigger.objects.filter(kind="HAZ_GENERAL_MANY", ends_at=None).count() == 1
    fix(hazards[0], 20 * MINUTE)
    acts.recheck_pass(
        hazard=hazards[0], conclusion="好", photos=[photo(70)], actor=cast.officer, now=cast.now + 30 * MINUTE
    )
    acts.auto_close(hazard=hazards[0], actor=None, now=cast.now + 31 * MINUTE)
    assert point_grade() == 2


def test_a_deadline_class_ends_at_midnight_of_the_site(cast, report, assign):
    hazard = assign(report(), deadline=None, deadline_class="short")
    assert hazard.deadline == datetime(2026, 11, 26, 16, 0, tzinfo=UTC)  # 24:00 of the 26th in Shanghai
    hazard = assign(report(2), deadline=None, deadline_class="immediate")
    assert hazard.deadline == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def test_the_same_client_event_changes_things_once(cast, report, assign, fix, rows_of):
    first = report(1, client_event_id="phone-1")
    before = rows_of()
    assert report(1, client_event_id="phone-1").pk == first.pk
    assert rows_of() == before
    hazard = assign(first, client_event_id="phone-2")
    fix(hazard, 10 * MINUTE, client_event_id="phone-3")
    before = rows_of()
    assert fix(hazard, 10 * MINUTE, client_event_id="phone-3").state == "RECTIFIED"
    assert rows_of() == before


def test_what_the_table_does_not_list_is_refused_and_changes_nothing(cast, report, assign, fix, photo, rows_of):
    hazard = report()
    before = rows_of()
    with pytest.raises(TransitionRefused):
        fix(hazard, MINUTE)
    with pytest.raises(TransitionRefused):
        acts.auto_close(hazard=hazard, actor=cast.officer, now=cast.now)
    with pytest.raises(TransitionRefused):
        acts.recheck_pass(hazard=hazard, conclusion="好", photos=[photo(5)], actor=cast.officer, now=cast.now)
    assert rows_of() == before


def test_a_stranger_and_a_worker_are_refused(cast, report, assign, fix, rows_of):
    hazard = report()
    before = rows_of()
    with pytest.raises(ActorRefused):
        assign(hazard, actor=cast.stranger)
    with pytest.raises(ActorRefused):
        assign(hazard, actor=cast.worker)
    with pytest.raises(ActorRefused):
        report(2, actor=cast.stranger)
    assert rows_of() == before
    assigned = assign(hazard)
    before = rows_of()
    with pytest.raises(ActorRefused):
        fix(assigned, MINUTE, actor=cast.worker)
    assert rows_of() == before


def test_the_rechecker_is_never_the_rectifier(cast, report, assign, fix, photo, rows_of):
    hazard = report()
    before = rows_of()
    with pytest.raises(HazardRefused) as refused:
        assign(hazard, rechecker=cast.other_worker)
    assert refused.value.field == "rechecker"
    assert rows_of() == before
    handed_in = fix(assign(hazard), MINUTE)
    before = rows_of()
    with pytest.raises(ActorRefused):
        acts.recheck_pass(
            hazard=handed_in, conclusion="好", photos=[photo(9)], actor=cast.other_worker, now=cast.now + HOUR
        )
    assert rows_of() == before


def test_people_of_another_site_and_a_past_deadline_are_refused(cast, report, assign, rows_of):
    hazard = report()
    before = rows_of()
    with pytest.raises(HazardRefused):
        assign(hazard, rectifier=cast.stranger)
    with pytest.raises(HazardRefused):
        assign(hazard, deadline=cast.now)
    with pytest.raises(HazardRefused):
        assign(hazard, deadline=cast.now + 17 * DAY)
    with pytest.raises(HazardRefused):
        assign(hazard, measure="  ")
    assert rows_of() == before


def test_the_town_recheck_is_allowed_and_a_self_check_is_not_closed_by_the_town(cast, report, assign, fix, photo):
    hazard = fix(assign(report()), MINUTE)
    hazard = acts.recheck_pass(hazard=hazard, conclusion="好", photos=[photo(8)], actor=cast.town, now=cast.now + HOUR)
    with pytest.raises(TransitionRefused):
        acts.review_close(hazard=hazard, conclusion="好", actor=cast.town, now=cast.now + HOUR)
    assert next_events(hazard, cast.officer) == ["auto_close"]
    assert next_events(hazard, cast.town) == []


def test_a_town_check_is_closed_by_the_town_only(cast, report, assign, fix, photo):
    hazard = fix(assign(report(source="town_check")), MINUTE)
    recheck = {"conclusion": "好", "photos": [photo(8)], "actor": cast.officer, "now": cast.now + HOUR}
    hazard = acts.recheck_pass(hazard=hazard, **recheck)
    with pytest.raises(TransitionRefused):
        acts.auto_close(hazard=hazard, actor=cast.officer, now=cast.now + HOUR)
    assert next_events(hazard, cast.town) == ["review_close", "review_reject"]
    closed = acts.review_close(hazard=hazard, conclusion="好", actor=cast.town, now=cast.now + HOUR)
    assert closed.state == "CLOSED"


def test_the_town_sends_a_closing_back_with_a_new_deadline(cast, zone_of_site, report, assign, fix, photo):
    hazard = fix(assign(report(source="town_check")), MINUTE)
    recheck = {"conclusion": "好", "photos": [photo(8)], "actor": cast.officer, "now": cast.now + HOUR}
    hazard = acts.recheck_pass(hazard=hazard, **recheck)
    back = acts.review_reject(
        hazard=hazard,
        reason="不齐",
        new_deadline=cast.now + 5 * HOUR,
        actor=cast.town,
        now=cast.now + 2 * HOUR,
    )
    assert (back.state, back.deadline) == ("ASSIGNED", cast.now + 5 * HOUR)
    assert (grade(cast, zone_of_site, 4 * HOUR), grade(cast, zone_of_site, 5 * HOUR)) == (2, 4)


def test_returned_three_times_the_reviewer_must_decide(cast, report, rows_of):
    hazard = report()
    for number in range(3):
        hazard = acts.return_hazard(hazard=hazard, reason="不清楚", actor=cast.officer, now=cast.now)
        assert next_events(hazard, cast.worker) == ["resubmit"]
        hazard = acts.resubmit(hazard=hazard, text=f"补充{number}", actor=cast.worker, now=cast.now)
    before = rows_of()
    with pytest.raises(TransitionRefused):
        acts.return_hazard(hazard=hazard, reason="不清楚", actor=cast.officer, now=cast.now)
    assert rows_of() == before
    assert next_events(hazard, cast.officer) == ["approve_general", "void"]


def test_a_report_is_voided_by_another_person_than_its_reporter(cast, report, rows_of):
    hazard = report(actor=cast.officer)
    before = rows_of()
    with pytest.raises(ActorRefused):
        acts.void_hazard(hazard=hazard, reason="重复", actor=cast.officer, now=cast.now)
    assert rows_of() == before
    assert acts.void_hazard(hazard=hazard, reason="重复", actor=cast.town, now=cast.now).state == "VOID"


def test_the_fix_is_given_to_somebody_else_and_the_deadline_is_kept(cast, report, assign):
    hazard = assign(report())
    with pytest.raises(HazardRefused):
        acts.reassign(hazard=hazard, rectifier=cast.officer, reason="忙", actor=cast.manager, now=cast.now)
    hazard = acts.reassign(hazard=hazard, rectifier=cast.worker, reason="忙", actor=cast.manager, now=cast.now)
    assert (hazard.rectifier, hazard.deadline) == (cast.worker, cast.now + HOUR)


def test_a_photo_is_evidence_once_and_must_be_a_picture(cast, report, photo, rows_of):
    report(1)
    before = rows_of()
    for photos in ([photo(1)], [photo(2), photo(2)], [], [photo(n) for n in range(10, 20)], [b"not a picture"]):
        with pytest.raises(EvidenceRefused):
            report(photos=photos)
    with pytest.raises(EvidenceRefused, match="20"):
        report(photos=[b"\xff\xd8" + b"0" * (20 * 2**20)])
    assert rows_of() == before


def test_a_photo_far_from_the_server_time_is_flagged_and_one_before_the_finding_shows_no_fix(
    cast, report, assign, fix, photo
):
    hazard = report(photos=[photo(1, exif_time="2026:11:20 10:00:00"), photo(2, exif_time="2026:11:23 09:59:00")])
    flags = [row.flagged for row in Photo.objects.filter(hazard=hazard).order_by("taken_at")]
    assert flags == ["exif_time_differs", ""]
    assert Photo.objects.get(flagged="").taken_at == cast.now - MINUTE  # EXIF without an offset is local time
    assigned = assign(hazard)
    with pytest.raises(EvidenceRefused):
        fix(assigned, 30 * MINUTE, photos=[photo(3, exif_time="2026:11:23 09:00:00")])
    assert fix(assigned, 30 * MINUTE, photos=[photo(4, exif_time="2026:11:23 10:20:00")]).state == "RECTIFIED"


def test_a_ticket_outside_every_zone_colours_the_site_only(cast, zone_of_site, report, assign):
    assign(report(anchor_at={"lon": 113.774, "lat": 34.765, "height_m": 100.0}))
    colours = site_colours(cast.site, now=cast.now + HOUR)
    assert (colours.grade, colours.zones[zone_of_site.pk].grade) == (4, 0)
    above = site_colours(cast.site, now=cast.now + HOUR).reasons
    assert [reason.kind for reason in above] == ["HAZ_GENERAL_OVERDUE", "HAZ_GENERAL_OPEN"]


def test_a_ticket_above_the_zone_is_not_in_it(cast, zone_of_site, report, assign, place):
    assign(report(anchor_at=place | {"height_m": 110.5}))
    colours = site_colours(cast.site, now=cast.now + HOUR)
    assert (colours.grade, colours.zones[zone_of_site.pk].grade) == (4, 0)


def test_a_late_offline_report_is_marked(cast, report):
    hazard = report(found_at=cast.now - 25 * HOUR)
    assert hazard.transitions.get().details["late_report"] is True
    assert hazard.found_at == cast.now - 25 * HOUR
