"""News of machines and people in any order, doubled and late, makes the same events, alarms and states."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from spatial.alarms.models import Alarm
from spatial.machines import traces
from spatial.machines.crowd import PlaceNews
from spatial.machines.following import JudgedAgain, follow_machines
from spatial.machines.late_news import Items
from spatial.machines.models import MachineEvent, MachineLatest, MachineTrace, Watch, WatchChange
from spatial.machines.motion import MachineNews
from spatial.machines.operations import begin_operation
from spatial.machines.queries import scene_of
from spatial.machines.rules import Scope, WatchState
from spatial.machines.watches import keep_changes, memories_before

pytestmark = pytest.mark.django_db
NAMES = ("slew_angle", "trolley_position", "hook_height", "hoist_load")


def story(yard, cast, random: Random, seconds: int = 30) -> list:
    """A crane with a load, some of its readings apart from the others, a person under it, a digger beside them."""
    base = scene_of(cast.site).cranes[yard.crane.pk]
    found: list = []
    x, slew = random.uniform(-8, 8), 80.0
    for second in range(seconds):
        at = cast.now + timedelta(seconds=second)
        slew += random.choice([-6.0, 0.0, 0.0, 4.0])
        x += random.gauss(0, 2.0)
        values = dict(zip(NAMES, (slew, 30.0, 40.0, random.choice([0.0, 2.0, 2.0, 2.0])), strict=True))
        if second < 12 or second > 18 or random.random() < 0.3:
            if random.random() < 0.3:
                found += [MachineNews(yard.crane.pk, at, {name: value}) for name, value in values.items()]
            else:
                found.append(MachineNews(yard.crane.pk, at, values))
        if random.random() < 0.7:
            found.append(PlaceNews(yard.helmet.pk, at, base.x + x, base.y + 30.0, 101.6, random.choice([0.3, 3.0])))
        if random.random() < 0.1:
            found.append(PlaceNews(yard.helmet.pk, at, base.x + 200.0, base.y, 101.6, 9.0))
        if random.random() < 0.5:
            found.append(PlaceNews(yard.tag.pk, at, base.x + random.uniform(-15, 15), base.y + 35.0, 101.0, 0.3))
        if random.random() < 0.4:
            found.append(MachineNews(yard.low.pk, at, dict(zip(NAMES, (170.0 + second, 20.0, 20.0, 0.0), strict=True))))
    return found


def take(cast, items) -> None:
    news = [item for item in items if isinstance(item, MachineNews)]
    places = [item for item in items if isinstance(item, PlaceNews)]
    follow_machines(site=cast.site, news=news, places=places, received_at=cast.now + timedelta(seconds=40))


def record(cast) -> dict:
    events = MachineEvent.objects.filter(withdrawn_at__isnull=True)
    alarms = Alarm.objects.filter(disproved_at__isnull=True)
    return {
        "events": sorted(events.values_list("machine__code", "rule", "other", "kind", "level", "at")),
        "alarms": sorted(alarms.values_list("rule", "subject", "raised_at", "level", "cleared_at"), key=repr),
        "states": sorted(MachineLatest.objects.values_list("machine__code", "at", "values", "motion"), key=repr),
        "memories": sorted(Watch.objects.values_list("machine__code", "rule", "other", "state"), key=repr),
    }


def forget() -> None:
    for model in (Alarm, MachineEvent, MachineLatest, MachineTrace, Watch, WatchChange):
        model.objects.all().delete()


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_messages_leaves_the_same_record(yard, cast, seed):
    random = Random(seed)
    begin_operation(machine=yard.digger, person=yard.person, verified_by="card", actor=None,
                    now=cast.now + timedelta(seconds=20))  # fmt: skip
    items = story(yard, cast, random)
    take(cast, items)
    expected = record(cast)
    assert expected["events"]
    forget()
    mixed = [*items, *random.sample(items, 6)]
    random.shuffle(mixed)
    while mixed:
        take(cast, [mixed.pop() for _ in range(min(len(mixed), random.randint(1, 20)))])
    found = record(cast)
    assert found["events"] == expected["events"]
    assert found["states"] == expected["states"]
    assert found["memories"] == expected["memories"]
    assert [row[:4] for row in found["alarms"]] == [row[:4] for row in expected["alarms"]]


def test_without_judging_late_news_again_the_order_matters(yard, cast, monkeypatch):
    """The negative control of the test above."""
    monkeypatch.setattr("spatial.machines.following.judge_again", lambda *_: JudgedAgain())
    random, differ = Random(3), 0
    items = story(yard, cast, random)
    take(cast, items)
    expected = record(cast)["events"]
    for _ in range(2):
        forget()
        mixed = list(items)
        random.shuffle(mixed)
        while mixed:
            take(cast, [mixed.pop() for _ in range(min(len(mixed), 8))])
        differ += record(cast)["events"] != expected
    assert differ


def test_a_late_fix_raises_a_late_alarm_and_a_later_one_disproves_it(yard, cast):
    base = scene_of(cast.site).cranes[yard.crane.pk]

    def person(second: float, x: float) -> PlaceNews:
        return PlaceNews(yard.helmet.pk, cast.now + timedelta(seconds=second), base.x + x, base.y + 30.0, 101.6, 0.3)

    def crane(second: float) -> MachineNews:
        values = dict(zip(NAMES, (90.0, 30.0, 40.0, 2.0), strict=True))
        return MachineNews(yard.crane.pk, cast.now + timedelta(seconds=second), values)

    later = cast.now + timedelta(hours=2)
    follow_machines(site=cast.site, news=[crane(s) for s in range(60)], places=[person(-1, 90.0), person(300, 90.0)],
                    received_at=later)  # fmt: skip
    assert not Alarm.objects.filter(rule="P-15").exists()
    follow_machines(site=cast.site, news=[], places=[person(10, 0.0), person(20, 90.0)], received_at=later)
    alarm = Alarm.objects.get(rule="P-15")
    assert (alarm.late, alarm.raised_at, alarm.cleared_at) == (
        True, cast.now + timedelta(seconds=12), cast.now + timedelta(seconds=25),
    )  # fmt: skip
    assert set(MachineEvent.objects.values_list("late", flat=True)) == {True}
    follow_machines(site=cast.site, news=[], places=[person(11, 90.0)], received_at=later)
    assert not MachineEvent.objects.filter(rule="P-15", withdrawn_at__isnull=True).exists()
    alarm.refresh_from_db()
    assert alarm.disproved_at is not None


def test_what_is_older_than_a_day_changes_nothing_and_is_forgotten(yard, cast):
    items = story(yard, cast, Random(1))
    take(cast, items)
    before = record(cast)
    old = [MachineNews(item.machine_id, item.at - timedelta(days=2), item.values) for item in items[:5]
           if isinstance(item, MachineNews)]  # fmt: skip
    take(cast, old)
    assert record(cast) == before
    assert traces.forget_traces(before=cast.now + timedelta(days=3)) > 0
    assert not MachineTrace.objects.exists()


def test_what_a_rule_remembered_when_the_last_day_began_is_not_forgotten(yard, cast):
    def ago(hours: float):
        return cast.now - timedelta(hours=hours)

    crane, low = (yard.crane.pk, "TC-10", ""), (yard.low.pk, "TC-10", "")
    raised = WatchState("orange", holds_since=ago(40))
    told = [(crane, ago(40), WatchState(holds_since=ago(40))), (crane, ago(30), raised), (crane, ago(1), WatchState()),
            (low, ago(30), raised), (low, ago(28), WatchState())]  # fmt: skip
    keep_changes(cast.site, None, None, None, told)
    assert traces.forget_traces(before=cast.now) == 3
    both = Scope(frozenset({yard.crane.pk, yard.low.pk}))
    assert memories_before(cast.site, ago(2), both) == {crane: raised}
    assert memories_before(cast.site, cast.now, both) == {}


def test_news_reads_back_as_it_was_judged(yard, cast):
    items = story(yard, cast, Random(2))
    news = [item for item in items if isinstance(item, MachineNews)]
    places = [item for item in items if isinstance(item, PlaceNews)]
    number = traces.keep(cast.site, Items(news, places), {}, {}, cast.now)
    traces._DECODED.clear()
    back = traces.kept_between(cast.site, cast.now - timedelta(seconds=1))
    assert (list(back.news), list(back.places)) == (news, places)
    assert MachineTrace.objects.get(pk=number).after == []
