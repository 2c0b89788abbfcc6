"""Machines followed in the database: events, alarms that rise and clear, counted lifts, silence, the past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from spatial.alarms.models import Alarm
from spatial.devices.operations import register_device
from spatial.machines import traces
from spatial.machines.crowd import PlaceNews
from spatial.machines.following import Followed, follow_machines, lock_machines
from spatial.machines.models import MachineEvent, MachineLatest, Watch
from spatial.machines.motion import MachineNews
from spatial.machines.operations import begin_operation, register_machine
from spatial.machines.queries import newest_states, scene_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def follow(yard, cast):
    """Follow news given by seconds: poses of the cranes, and places of devices in metres from the first crane."""

    def at(second: float):
        return cast.now + timedelta(seconds=second)

    def run(poses=(), places=()):
        base = scene_of(cast.site).cranes[yard.crane.pk]
        names = ("slew_angle", "trolley_position", "hook_height", "hoist_load")
        news = [MachineNews(m.pk, at(s), dict(zip(names, values, strict=True))) for m, s, *values in poses]

        def place(device, second, x, y):
            return PlaceNews(device.pk, at(second), base.x + x, base.y + y, 101.6, 0.3)

        return follow_machines(
            site=cast.site,
            news=news,
            places=[place(*row) for row in places],
            received_at=max([n.at for n in news] + [at(row[1]) for row in places]),
        )

    return run


def under(yard, *seconds):
    return [(yard.crane, s, 90.0, 30.0, 40.0, 2.0) for s in seconds]


def away(yard, *seconds):
    return [(yard.crane, s, 270.0, 30.0, 40.0, 2.0) for s in seconds]


def test_a_load_over_a_place_known_before_raises_one_alarm_and_clears_it(yard, cast, follow):
    follow(places=[(yard.helmet, -1, 0, 30)])
    assert follow(under(yard, 0, 1)).turns == ()
    follow(under(yard, 2))
    alarm = Alarm.objects.get(rule="P-15")
    assert (alarm.level, alarm.person_name, alarm.cleared_at) == ("orange", "王小明", None)
    assert alarm.title.startswith("起重作业半径内有人：王小明 · 1号塔吊（")
    assert alarm.title_en.startswith("Person inside lifting radius: 王小明 · 1号塔吊 (") and alarm.title_en.endswith(
        " t)"
    )
    assert alarm.location.z == pytest.approx(101.6)
    follow(under(yard, 3, 4))
    assert Alarm.objects.filter(rule="P-15").count() == 1
    follow(places=[(yard.helmet, 5, 0, -30)])
    follow(under(yard, 6, 11))
    alarm.refresh_from_db()
    assert alarm.cleared_at == cast.now + timedelta(seconds=11)
    assert [row.kind for row in MachineEvent.objects.filter(rule="P-15").order_by("at")] == ["raised", "cleared"]
    assert not Watch.objects.filter(rule="P-15").exists()


def test_the_same_batch_twice_changes_nothing(yard, cast, follow):
    follow(places=[(yard.helmet, -1, 0, 30)])
    for _ in range(2):
        follow(under(yard, 0, 1, 2))
    assert Alarm.objects.filter(rule="P-15").count() == 1
    assert MachineEvent.objects.filter(rule="P-15").count() == 1


def test_a_walker_is_judged_against_a_crane_that_spoke_before(yard, follow):
    follow(under(yard, 0))
    follow(places=[(yard.helmet, s, 0, 30) for s in (1, 2, 3)])
    assert Alarm.objects.filter(rule="P-15", cleared_at__isnull=True).count() == 1


def test_two_cranes_that_come_near_raise_one_alarm_that_gets_worse(yard, cast, follow):
    """The rope of the high crane at 40 m east, the jib of the low crane (its tip 40 m west of it) turning to it."""
    begin_operation(machine=yard.crane, person=None, actor=None, now=cast.now)
    still = [(yard.crane, s, 0.0, 45.0, 30.0, 0.0) for s in range(41)]
    turns = [(yard.low, s, 150.0 + s * 0.75, 10.0, 20.0, 0.0) for s in range(41)]
    follow(still + turns)
    alarm = Alarm.objects.get(rule="TC-04")
    assert alarm.level == "red"
    events = list(MachineEvent.objects.filter(rule="TC-04").order_by("at").values_list("kind", "level"))
    assert events[0] == ("raised", "yellow")
    assert events[-1] == ("worsened", "red")
    assert MachineEvent.objects.filter(rule="TC-04").last().other_name


def test_an_excavator_beside_a_person_and_the_alarm_is_of_the_person(yard, follow):
    follow(places=[(yard.tag, s, 200, 0) for s in (0, 1, 2, 3)] + [(yard.helmet, s, 205, 0) for s in (0, 1, 2, 3)])
    alarm = Alarm.objects.get(rule="P-16")
    assert (alarm.person_name, alarm.device_id) == ("王小明", yard.helmet.pk)


def test_a_process_that_remembers_nobody_takes_no_machine_for_a_person(yard, follow):
    for second in range(4):
        traces._CROWDS.clear()  # as another worker, or one whose last batch was rolled back
        follow(places=[(yard.tag, second, 200, 0)])
    assert not Alarm.objects.exists()
    for second in range(4, 8):
        traces._CROWDS.clear()
        follow(places=[(yard.helmet, second, 205, 0)])
    assert [(row.rule, row.person_name) for row in Alarm.objects.all()] == [("P-16", "王小明")]


def test_the_operator_of_the_excavator_is_not_beside_it(yard, cast, follow):
    begin_operation(machine=yard.digger, person=yard.person, verified_by="card", actor=None, now=cast.now)
    follow(places=[(yard.tag, s, 200, 0) for s in (0, 1, 2, 3)] + [(yard.helmet, s, 205, 0) for s in (0, 1, 2, 3)])
    assert not Alarm.objects.filter(rule="P-16").exists()


def test_lifts_are_counted_into_the_run_that_is_open(yard, cast, follow):
    run = begin_operation(machine=yard.crane, person=None, actor=None, now=cast.now)
    loads = [0.0, 1.2, 1.9, 0.0, 0.8, 0.8, 0.0]
    follow([(yard.crane, s, 0.0, 30.0, 40.0, load) for s, load in enumerate(loads)])
    run.refresh_from_db()
    assert (run.lifts, run.peak_load_t, run.loaded) == (2, 1.9, False)


def test_the_newest_state_survives_and_late_news_does_not_move_it(yard, cast, follow):
    follow(under(yard, 10))
    follow(away(yard, 5))
    state = newest_states(cast.site, scene_of(cast.site))[yard.crane.pk]
    assert state.at == cast.now + timedelta(seconds=10)
    assert MachineLatest.objects.get(machine=yard.crane).values["slew_angle"] == 90.0
    assert newest_states(cast.site, scene_of(cast.site))[yard.low.pk].at is None


def test_late_news_of_a_hoist_is_no_news_of_a_moving_zone(yard, cast, follow):
    common = {"site": cast.site, "actor": None, "now": cast.now}
    cage, _ = register_device(code="L1", name="笼", kind="hoist", report_interval_s=5, **common)
    hoist = register_machine(code="L1", name="1号升降机", kind="hoist", devices=[cage], **common)
    follow(under(yard, 0, 10))
    known = list(MachineLatest.objects.values_list("machine_id", "at"))
    late = MachineNews(hoist.pk, cast.now + timedelta(seconds=5), {"cage_height": 12.0, "hoist_load": 1.0})
    place = PlaceNews(cage.pk, cast.now + timedelta(seconds=5), 0.0, 0.0, 101.6, 0.3)
    told = {"site": cast.site, "received_at": cast.now + timedelta(seconds=11)}
    assert follow_machines(news=[late], places=[place], **told) == Followed()
    follow(under(yard, 5), [(yard.helmet, 5, 0, 30)])
    assert follow_machines(news=[late, MachineNews(yard.crane.pk, late.at, {})], places=[place], **told).turns == ()
    assert list(MachineLatest.objects.values_list("machine_id", "at")) == known


def test_a_site_without_machines_costs_one_question(cast, django_assert_max_num_queries):
    scene_of(cast.site)
    with django_assert_max_num_queries(3):
        follow_machines(site=cast.site, news=[], places=[], received_at=cast.now)


@pytest.mark.django_db(transaction=True)
def test_one_transaction_at_a_time_follows_a_site_also_before_any_of_its_machines_spoke(yard, cast):
    def may_follow() -> bool:
        try:
            with transaction.atomic():
                connection.cursor().execute("SET LOCAL lock_timeout = '100ms'")
                lock_machines(cast.site.pk)
        except OperationalError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_machines(cast.site.pk)
            assert not pool.submit(may_follow).result()
        assert pool.submit(may_follow).result()
