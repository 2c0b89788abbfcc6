"""News of machines and people in, events out: both ways of moving, silence, order of arrival."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.machines.clearances import Structure, SwingBan
from spatial.machines.cranes import Crane
from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.geometry import MachineState, Vehicle
from spatial.machines.judging import Judging
from spatial.machines.limits import limits
from spatial.machines.motion import MachineNews
from spatial.machines.rules import Run
from spatial.machines.scene import Pit, SiteMachines

T0 = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
T1, T2, TRUCK, DIGGER = (UUID(int=n) for n in (1, 2, 3, 4))
WORKER, TAG = UUID(int=101), UUID(int=103)
CRANES = {
    T1: Crane(T1, "T1", 0, 0, 100, 50, 15, 60, 67),
    T2: Crane(T2, "T2", 80, 0, 100, 40, 12, 40, 47),
}
VEHICLES = {TRUCK: Vehicle(TRUCK, "V1", 8, 2.5), DIGGER: Vehicle(DIGGER, "E1", 6, 3, work_radius_m=9)}


def at(second: float) -> datetime:
    return T0 + timedelta(seconds=second)


def scene(**more) -> SiteMachines:
    zeros = {T1: (0.0, False), T2: (0.0, False)}
    devices = {TAG: TRUCK, UUID(int=104): DIGGER}
    return SiteMachines(4547, limits(), dict(CRANES), dict(VEHICLES), zeros=zeros, devices=devices, **more)


def judging(world: SiteMachines | None = None, **more) -> Judging:
    world = world or scene()
    states = {key: MachineState(machine, None) for key, machine in {**world.cranes, **world.vehicles}.items()}
    runs = {T1: [driven()], T2: [driven()], **more.pop("runs", {})}
    return Judging(world, states, {}, Crowd(), {}, runs=runs, **more)


def driven(*devices: UUID) -> Run:
    return Run(datetime.min.replace(tzinfo=UTC), None, True, frozenset(devices))


def pose(machine: UUID, second: float, slew: float, trolley: float, hook: float, load: float = 0.0) -> MachineNews:
    values = {"slew_angle": slew, "trolley_position": trolley, "hook_height": hook, "hoist_load": load}
    return MachineNews(machine, at(second), values)


def stand(second: float, x: float, y: float, height: float = 101.6, device: UUID = WORKER) -> PlaceNews:
    return PlaceNews(device, at(second), x, y, height)


def told(turns) -> list[tuple[float, str, str, str]]:
    return [((t.change.at - T0).total_seconds(), t.key[1], t.change.kind, t.change.level) for t in turns]


def test_a_load_that_comes_over_somebody_who_stands_still_is_an_alarm():
    """The person reports every 5 s only; the crane turns its load over the place: the machine's news decides."""
    people = [stand(s, 0, 30) for s in range(0, 21, 5)]
    moves = [pose(T1, s, 4.5 * s, 30, 40, 2.0) for s in range(31)]  # within 7 m of the person from 17.02 s to 22.98 s
    found = told(judging().follow(moves, people))
    assert [row for row in found if row[1] == "P-15"] == [
        (20.0, "P-15", "raised", "orange"),
        (28.0, "P-15", "cleared", "orange"),
    ]


def test_somebody_who_walks_under_a_load_that_hangs_still_is_an_alarm():
    moves = [pose(T1, s, 90, 30, 40, 2.0) for s in range(0, 21, 10)]
    people = [stand(s, 20 - s, 30) for s in range(21)]  # 7 m from the load at 13 s
    found = told(judging().follow(moves, people))
    assert found == [(15.0, "P-15", "raised", "orange")]


def test_nobody_is_alarmed_under_an_empty_hook_or_beside_a_load_near_the_ground():
    for load, hook in ((0.0, 40), (2.0, 5)):
        moves = [pose(T1, s, 90, 30, hook, load) for s in range(11)]
        assert told(judging().follow(moves, [stand(s, 0, 30) for s in range(11)])) == []


def test_whoever_is_under_the_roof_of_a_structure_is_sheltered_and_whoever_stands_on_it_is_not():
    house = Structure(UUID(int=7), "house", shapely.box(-20, 20, 20, 40), 100.0, 115.0)
    moves = [pose(T1, s, 90, 30, 40, 2.0) for s in range(5)]

    def seen(height: float, hook: float = 40) -> list:
        loads = moves if hook == 40 else [pose(T1, s, 90, 30, hook, 2.0) for s in range(5)]
        people = [stand(s, 0, 30, height) for s in range(5)]
        return [row for row in told(judging(scene(structures=(house,))).follow(loads, people)) if row[1] == "P-15"]

    assert seen(101.6) == []  # on the ground floor
    assert seen(116.6) == [(2.0, "P-15", "raised", "orange")]  # on the roof
    assert seen(101.6, hook=14) == [(2.0, "P-15", "raised", "orange")]  # the load hangs in the house, below its top


def test_the_driver_in_the_cab_of_the_machine_is_not_beside_it():
    fixes = [PlaceNews(UUID(int=104), at(s), 200.0, 0.0, 101.0) for s in range(11)]
    near = [stand(s, 205, 0) for s in range(11)]
    assert told(judging().follow([], fixes + near)) == [(2.0, "P-16", "raised", "orange")]
    assert told(judging(runs={DIGGER: [driven(WORKER)]}).follow([], fixes + near)) == []


def test_a_truck_threatens_who_is_in_its_braking_way_and_not_who_stands_beside_a_parked_one():
    drives = [PlaceNews(TAG, at(s), 200.0 + 5 * s, 0.0, 101.0) for s in range(6)]
    ahead = [stand(s, 200.0 + 5 * s + 10, 0.5) for s in range(6)]
    assert told(judging().follow([], drives + ahead))[0] == (3.0, "P-16", "raised", "orange")
    parked = [PlaceNews(TAG, at(s), 200.0, 0.0, 101.0) for s in range(6)]
    beside = [stand(s, 203.0, 0.5) for s in range(1, 6)]
    assert told(judging().follow([], parked + beside)) == []


def test_a_silent_crane_neither_clears_an_alarm_nor_raises_one():
    engine = judging()
    moves = [pose(T1, s, 90, 30, 40, 2.0) for s in range(5)]
    assert told(engine.follow(moves, [stand(s, 0, 30) for s in range(5)])) == [(2.0, "P-15", "raised", "orange")]
    away = judging()
    away.states, away.values, away.watches = engine.states, engine.values, engine.watches
    assert told(away.follow([], [stand(s, 200, 200) for s in range(30, 60)])) == []  # state is 26 s old: unknown
    assert told(
        away.follow([pose(T1, s, 90, 30, 40, 2.0) for s in (60, 65)], [stand(60, 200, 200), stand(65, 200, 200)])
    ) == [(65.0, "P-15", "cleared", "orange")]


def test_a_silent_person_is_not_taken_to_stand_where_they_were():
    moves = [pose(T1, s, 90, 30, 40, 2.0) for s in range(40, 60)]
    assert told(judging().follow(moves, [stand(0, 0, 30)])) == []  # the fix is 40 s old


def test_late_news_changes_nothing():
    engine = judging()
    engine.follow([pose(T1, 100, 0, 30, 40, 2.0)], [stand(100, 0, -40)])
    assert (
        told(engine.follow([pose(T1, s, 90, 30, 40, 2.0) for s in (90, 95)], [stand(s, 0, 30) for s in (90, 95)])) == []
    )
    assert engine.states[T1].at == at(100)


def test_two_cranes_that_turn_towards_each_other_warn_before_they_meet_and_clear_after():
    level = scene()
    level.cranes[T2] = Crane(T2, "T2", 80, 0, 100, 40, 12, 60, 67)
    still = [pose(T2, s, 180, 10, 50) for s in range(60)]
    moves = [pose(T1, s, 60 - 2.0 * s, 10, 50) for s in range(26)] + [
        pose(T1, s, 10 + 2.0 * (s - 25), 10, 50) for s in range(26, 60)
    ]
    found = [row for row in told(judging(level).follow(moves + still, [])) if row[1] == "TC-04"]
    assert found[0][2:] == ("raised", "yellow")
    assert found[0][0] < 25
    assert "orange" in [row[3] for row in found]
    assert found[-1][2] == "cleared"


def test_a_crane_that_moves_without_a_verified_driver_is_told_after_half_a_minute():
    engine = judging(runs={T1: []})
    moves = [pose(T1, s, s, 30, 40) for s in range(40)]
    assert told(engine.follow(moves, [])) == [(31.0, "TC-10", "raised", "orange")]  # moving is known from 1 s on


def test_a_load_over_a_school_is_orange_and_five_metres_before_it_yellow():
    school = SwingBan(UUID(int=9), "school", shapely.box(-20, 20, 20, 60))
    moves = [pose(T1, s, s, 30, 40, 2.0) for s in range(0, 90, 2)]
    found = [row[1:] for row in told(judging(scene(bans=((None, school),))).follow(moves, [])) if row[1] == "TC-06"]
    assert found == [("TC-06", "raised", "yellow"), ("TC-06", "worsened", "orange")]


def test_a_truck_too_near_to_a_pit_is_told_after_a_minute():
    pit = Pit(UUID(int=8), "pit", shapely.box(200, -10, 230, -4), 1.5)
    fixes = [PlaceNews(TAG, at(s), 210.0, 0.0 if s < 5 else -1.5, 101.0) for s in range(90)]
    found = told(judging(scene(pits=(pit,))).follow([], fixes))
    assert found[0][1:] == ("K-02", "raised", "orange")


NEWS = [pose(T1, s, 4.5 * s, 30, 40, 2.0) for s in range(14, 30)]
PLACES = [stand(s, 0, 30) for s in range(14, 30, 3)]


@given(st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_order_inside_a_batch_with_duplicates_gives_the_same_events(random: Random):
    news, places = NEWS + NEWS[:4], PLACES + PLACES[:2]
    random.shuffle(news)
    random.shuffle(places)
    assert told(judging().follow(news, places)) == told(judging().follow(NEWS, PLACES))


def test_cutting_the_news_into_batches_changes_nothing():
    whole = told(judging().follow(NEWS, PLACES))
    engine, found = judging(), []
    for second in range(14, 30):
        engine.turns = []
        batch = [item for item in NEWS if item.at == at(second)], [item for item in PLACES if item.at == at(second)]
        found += told(engine.follow(*batch))
    assert found == whole
    assert whole


def test_ten_cranes_and_a_thousand_people_at_five_hertz_cost_little():
    """A measured figure, with a wide margin for a busy machine: one second of news must take well under a second."""
    random = Random(5)
    cranes = {
        UUID(int=n): Crane(
            UUID(int=n), f"T{n}", 60.0 * (n % 4), 60.0 * (n // 4), 100, 50, 15, 40 + 8 * (n % 3), 50 + 8 * (n % 3)
        )
        for n in range(1, 11)
    }
    world = SiteMachines(4547, limits(), cranes, {}, zeros=dict.fromkeys(cranes, (0.0, False)))
    states = {key: MachineState(machine, None) for key, machine in cranes.items()}
    engine = Judging(world, states, {}, Crowd(), {}, runs={key: [driven()] for key in cranes})
    people = [(UUID(int=1000 + n), random.uniform(-50, 250), random.uniform(-50, 200)) for n in range(1000)]

    def second_of_news(second: int):
        news = [
            pose(key, second + tick / 5 + n * 0.001, 20 * n + 3 * (second + tick / 5), 25, 25, 2.0)
            for tick in range(5)
            for n, key in enumerate(cranes)
        ]
        places = [
            PlaceNews(device, at(second + tick / 5 + (n % 100) * 0.001), x, y, 101.6)
            for tick in range(5)
            for n, (device, x, y) in enumerate(people)
        ]
        return news, places

    engine.follow(*second_of_news(0))
    batches = [second_of_news(second) for second in range(1, 4)]
    begun = time.process_time()
    for news, places in batches:
        engine.follow(news, places)
    share = (time.process_time() - begun) / len(batches)
    print(f"10 cranes x 1,000 people at 5 Hz: {share * 1000:.0f} ms of one core a second")
    assert share < 0.8


def test_angles_that_count_clockwise_from_north_are_turned_to_the_map():
    world = scene()
    world.zeros[T1] = (90.0, True)
    engine = judging(world)
    engine.follow([pose(T1, 0, 90.0, 30, 40)], [])
    found = engine.states[T1].pose
    assert found is not None
    assert math.degrees(found.slew_rad) == pytest.approx(0.0)  # east: a quarter turn clockwise from north


def test_permutations_of_a_short_story_agree():
    story = [pose(T1, 0, 90, 30, 40, 2.0), pose(T1, 2, 90, 30, 40, 2.0)], [stand(0, 0, 30), stand(2, 0, 30)]
    wanted = told(judging().follow(*story))
    for order in permutations(story[0]):
        assert told(judging().follow(order, story[1])) == wanted
