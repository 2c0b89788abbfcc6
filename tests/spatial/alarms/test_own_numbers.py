"""What a tenant sets in its own edition changes what happens on its sites, on no other's, and nothing that was."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.alarms.models import Alarm, HazardDraft
from spatial.alarms.operations import SignalRow, acknowledge_alarm, follow_batteries, follow_signals, raise_alarm
from spatial.alarms.policies import policy_of
from spatial.alarms.signals import judge_state
from spatial.alarms.silence import LONGEST
from spatial.alarms.titles import Words
from spatial.alarms.watching import watch
from spatial.rulebook.adjustable import EditionRefused
from spatial.rulebook.differences import PackInvalid
from spatial.rulebook.operations import DATA, load_editions
from spatial.rulebook.queries import edition_for
from spatial.rulebook.tenant_numbers import TABLES, number_settings, shipped
from tests.ingest.cast import build_cast
from tests.spatial.own_edition import noon_of_tomorrow, publish_own

pytestmark = pytest.mark.django_db


@pytest.fixture
def day():
    return noon_of_tomorrow()


@pytest.fixture
def two(day):
    """Two companies with a site each; the first one sets its own numbers."""
    return build_cast(), build_cast()


def raised(cast, at, level="red", rule="P-08", **changes):
    given = {
        "site": cast.site, "rule": rule, "level": level, "title": Words("求救", "SOS"), "zone": None,
        "device": cast.helmet, "person_name": "张三", "storey": None, "location": None, "raised_at": at,
        "received_at": at,
    }  # fmt: skip
    return raise_alarm(**{**given, **changes})


def test_red_is_said_again_after_20_s_on_the_sites_of_the_company_that_says_so_and_after_30_s_on_others(two, day):
    own, other = two
    publish_own(own, day, {"alarm_policy.escalation.red_remind_s": 20, "alarm_policy.escalation.red_after_s": 45})
    one, two_ = raised(own, day), raised(other, day)
    assert [(row.remind_at - day).total_seconds() for row in (one, two_)] == [20, 30]
    assert [(row.escalate_at - day).total_seconds() for row in (one, two_)] == [45, 60]
    for seconds in (20, 30, 40):
        watch(now=day + timedelta(seconds=seconds))
    one.refresh_from_db()
    two_.refresh_from_db()
    assert (one.reminders, two_.reminders) == (2, 1)


def test_an_alarm_goes_on_by_the_edition_it_was_raised_under(two, day):
    own, _ = two
    before = day - timedelta(days=1)
    alarm = raised(own, before)
    publish_own(own, day, {"alarm_policy.escalation.red_remind_s": 20})
    assert str(alarm.rule_edition).startswith("cn-national")
    watch(now=day)
    alarm.refresh_from_db()
    assert (alarm.remind_at - day).total_seconds() == 30
    acknowledge_alarm(alarm=alarm, actor=own.officer, now=day)
    assert policy_of(own.site, before)["escalation"]["red"]["remind_s"] == 30
    assert policy_of(own.site, day)["escalation"]["red"]["remind_s"] == 20


def test_a_draft_is_opened_by_the_numbers_of_the_company(two, day):
    own, other = two
    publish_own(own, day, {"alarm_policy.drafts.red_not_cleared_s": 600})
    for cast in two:
        raised(cast, day)
    watch(now=day + timedelta(seconds=599))
    assert HazardDraft.objects.count() == 0
    watch(now=day + timedelta(seconds=600))
    assert [draft.site for draft in HazardDraft.objects.all()] == [own.site]
    assert "10 分钟未解除" in HazardDraft.objects.get().description
    watch(now=day + timedelta(seconds=1800))
    assert {draft.site for draft in HazardDraft.objects.all()} == {own.site, other.site}


def test_no_motion_is_told_after_60_s_there_and_after_120_s_elsewhere(two, day):
    own, other = two
    publish_own(own, day, {"alarm_policy.signals.no_motion_s": 60})
    follow_signals(signals=[SignalRow(cast.helmet, "no_motion", day, day) for cast in two])
    for seconds in (59, 60, 119, 120):
        for cast in two:
            judge_state(device=cast.helmet, kind="no_motion", now=day + timedelta(seconds=seconds))
    told = {alarm.site_id: (alarm.raised_at - day).total_seconds() for alarm in Alarm.objects.all()}
    assert told == {own.site.pk: 60, other.site.pk: 120}


def test_what_was_told_before_the_change_is_judged_by_the_numbers_of_then(two, day):
    own, _ = two
    late = day.replace(hour=0) - timedelta(hours=2)  # ten in the evening before the change
    follow_signals(
        signals=[
            SignalRow(own.helmet, "no_motion", late, late),
            SignalRow(own.helmet, "no_motion", late + timedelta(seconds=90), late, True),  # too short, then
            SignalRow(own.helmet, "no_motion", late + timedelta(hours=1), late + timedelta(hours=1)),
        ]
    )
    judge_state(device=own.helmet, kind="no_motion", now=late + timedelta(hours=1, seconds=130))
    publish_own(own, day, {"alarm_policy.signals.no_motion_s": 60})
    judge_state(device=own.helmet, kind="no_motion", now=day)
    [alarm] = Alarm.objects.all()
    assert ((alarm.raised_at - late).total_seconds(), alarm.disproved_at) == (3720, None)


def test_a_battery_is_low_where_the_company_says_so(two, day):
    own, _ = two
    publish_own(own, day, {"alarm_policy.battery.low_percent": 30, "alarm_policy.battery.clear_percent": 35})
    follow_batteries(levels={cast.helmet: (day, 28.0) for cast in two}, received_at=day)
    assert [(alarm.site, alarm.level) for alarm in Alarm.objects.all()] == [(own.site, "yellow")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("alarm_policy.escalation.red_remind_s", 5, "out_of_bounds"),
        ("alarm_policy.escalation.red_remind_s", "soon", "not_a_number"),
        ("alarm_policy.escalation.red_remind_s", 200, "above_the_other"),
        ("alarm_policy.signals.taken_off_s", 31, "out_of_bounds"),  # of a standard: stricter only
        ("permit_limits.gas.o2_least", 19.4, "out_of_bounds"),
        ("permit_limits.gas.lel_below", 11, "out_of_bounds"),
    ],
)
def test_a_number_beyond_its_bounds_is_refused_with_its_field_and_nothing_is_stored(two, day, field, value, code):
    own, _ = two
    with pytest.raises(EditionRefused) as refused:
        publish_own(own, day, {field: value})
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]
    assert str(edition_for(own.site, on=day)) == "cn-national 2026.5"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": 5}, "table 'alarm_policy', row 'escalation/red_remind_s', field 'value': 5 is not from 10 to 300"),
        ({"value": "30"}, "row 'escalation/red_remind_s', field 'value': '30' is not a number"),
        ({"value": 200}, "field 'value': 200 is above that of 'escalation/orange_remind_s' .120"),
        ({"conf": None}, "row 'escalation/red_remind_s', field 'conf': is missing"),
    ],
)
def test_a_pack_with_a_wrong_row_is_refused_naming_table_row_and_field(tmp_path, change, message):
    body = json.loads((DATA / "alarm_policy.json").read_text(encoding="utf-8"))
    row = body["escalation"]["red_remind_s"]
    for name, value in change.items():
        row.pop(name) if value is None else row.__setitem__(name, value)
    (tmp_path / "alarm_policy.json").write_text(json.dumps(body), encoding="utf-8")
    difference = {"table": "alarm_policy", "file": "alarm_policy.json", "source": "x", "conf": "C"}
    manifest = {"pack": "cn-test", "version": "1", "valid_from": "2026-11-28",
                "inherits": {"pack": "cn-national", "version": "2026.4"}, "differences": [difference]}  # fmt: skip
    (tmp_path / "cn-test-1.json").write_text(json.dumps(manifest), encoding="utf-8")
    load_editions()
    with pytest.raises(PackInvalid, match=message):
        load_editions(folder=tmp_path)


def test_every_row_of_the_tables_has_a_source_a_mark_and_words_in_both_languages():
    rows = [row for table in TABLES for row in number_settings(table, shipped(table))]
    assert len(rows) == 51
    assert all(row.conf in "BC" and row.source and row.zh and row.en and row.zh != row.en for row in rows)
    content = shipped("alarm_policy")["people"]
    for row in (content["give_up_h"], content["overtime_within_h"]):
        assert timedelta(hours=row["high"]) == LONGEST
    assert len({row.field for row in rows}) == len({row.zh for row in rows}) == 51


def test_what_a_site_follows_costs_one_small_question_once_it_is_known(two, day):
    own, _ = two
    policy_of(own.site, day)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        policy_of(own.site, day)
    assert len(asked) == 1
