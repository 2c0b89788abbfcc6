"""The compiled engine is the reference engine: the same uses, findings and states, for any fences and fixes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.fences.compiled_index import CompiledIndex
from spatial.fences.engine import USES, EngineStates, FixColumns, Limits, evaluate
from spatial.fences.rules import DeviceState, decide
from spatial.fences.schedules import Schedule, read_schedule
from spatial.fences.zone_index import FenceZone, PlanFix, ZoneIndex

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NIGHT = read_schedule([{"days": [1, 2, 3], "from": "09:00:10", "to": "09:00:40"}], "Asia/Shanghai")
shapes = st.sampled_from(
    [
        shapely.box(0, 0, 10, 10),
        shapely.box(8, -5, 30, 4) - shapely.box(12, -2, 16, 2),
        shapely.MultiPolygon([shapely.box(-20, 0, -12, 9), shapely.box(-10, 0, -4, 9)]),
        shapely.Point(5, 5).buffer(12, quad_segs=30),
        shapely.LineString([(-20, -10), (0, -12), (20, 8)]).buffer(2, cap_style="flat"),
    ]
)
heights = st.one_of(st.none(), st.integers(88, 95).map(float))


@st.composite
def zones(draw: st.DrawFn) -> list[FenceZone]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        bottom = draw(heights)
        top = draw(heights)
        if bottom is not None and top is not None and top <= bottom:
            top = bottom + 3.0
        found.append(
            FenceZone(
                UUID(int=number + 1),
                draw(shapes),
                bottom,
                top,
                draw(st.integers(1, 3)),
                draw(st.integers(1, 3)),
                draw(st.sampled_from([0.5, 0.6, 0.9])),
                draw(st.sampled_from([0.0, 0.2, 0.4])),
                draw(st.sampled_from([None, 3.0, 7.5])),
                draw(st.sampled_from([None, 0.0, 5.0, 12.0])),
                draw(st.sampled_from([None, NIGHT])),
                draw(st.sampled_from([None, T0 + timedelta(seconds=20)])),
                draw(st.sampled_from([0.3, 1.0, 4.0])),
            )
        )
    return found


fixes = st.builds(
    lambda s, e, n, h, a, ha: PlanFix(T0 + timedelta(seconds=s), e, n, h, a, ha),
    st.integers(0, 60),
    st.one_of(st.floats(-30, 35), st.integers(-12, 12).map(float)),
    st.one_of(st.floats(-20, 20), st.integers(-6, 12).map(float)),
    st.one_of(st.floats(85, 100), st.just(float("nan")), st.integers(86, 97).map(float)),
    st.sampled_from([0.05, 0.3, 1.0, 3.0, 8.0, 25.0]),
    st.sampled_from([0.0, 0.0, 0.8, 4.0]),
)
traces = st.lists(st.lists(fixes, max_size=14), min_size=1, max_size=3)


def told(fix: PlanFix | None) -> str:
    return repr(fix)


def compare(index: list[FenceZone], traces: list[list[PlanFix]], speed: float | None, cut: int) -> None:
    """Run both engines over the traces, in two batches, and compare everything that they say."""
    reference, compiled = ZoneIndex(index), CompiledIndex(index)
    silence = timedelta(seconds=15)
    states = [DeviceState() for _ in traces]
    for batch in ([trace[:cut] for trace in traces], [trace[cut:] for trace in traces]):
        rows = [(device, fix) for device, trace in enumerate(batch) for fix in trace]
        limits = Limits.of([(speed, silence)] * len(traces))
        mine = evaluate(FixColumns.of(rows), EngineStates.of(states, compiled), compiled, limits)
        used = {}
        for row, (device, fix) in enumerate(rows):
            used.setdefault((device, told(fix)), []).append(USES[mine.uses[row]].value)
        for device, trace in enumerate(batch):
            theirs = decide(states[device], trace, reference, max_speed_m_s=speed, silence=silence)
            uses: dict = {}
            for fix, use in theirs.uses:
                uses.setdefault((device, told(fix)), []).append(use.value)
            assert {k: sorted(v) for k, v in uses.items()} == {k: sorted(v) for k, v in used.items() if k[0] == device}
            found = [mine.findings.finding(n) for n in range(len(mine.findings)) if mine.findings.device[n] == device]
            assert [repr(each) for each in found] == [repr(each) for each in theirs.findings]
            assert repr(mine.states.device_state(device)) == repr(theirs.state)
            states[device] = theirs.state


@settings(max_examples=150, deadline=None)
@given(zones(), traces, st.sampled_from([None, 12.0]), st.integers(0, 10))
def test_both_engines_say_the_same(index, traces, speed, cut):
    compare(index, traces, speed, cut)


def test_a_fence_that_was_taken_away_lets_its_device_out_in_both():
    zone = FenceZone(UUID(int=1), shapely.box(0, 0, 10, 10), approach_m=3.0, dwell_s=0.0)
    inside = [PlanFix(T0 + timedelta(seconds=n), 5, 5, 90, 0.3) for n in range(3)]
    state = decide(DeviceState(), inside, ZoneIndex([zone]), max_speed_m_s=None).state
    empty = CompiledIndex([])
    after = [(0, PlanFix(T0 + timedelta(seconds=4), 5, 5, 90, 0.3))]
    mine = evaluate(FixColumns.of(after), EngineStates.of([state], empty), empty, Limits.of([(None, None)]))
    assert [mine.findings.finding(n).kind for n in range(len(mine.findings))] == ["dwelling_ended", "left"]
    assert mine.states.device_state(0).zones == {}


def test_schedules_with_several_periods_and_over_midnight():
    plan = Schedule(
        read_schedule(
            [{"days": [1], "from": "22:00", "to": "06:00"}, {"from": "12:00", "to": "12:30"}], "Asia/Shanghai"
        ).periods,
        "Asia/Shanghai",
    )
    monday = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # 22:00 in Shanghai
    assert plan.in_force(monday) and plan.in_force(monday + timedelta(hours=7, minutes=59))
    assert not plan.in_force(monday - timedelta(seconds=1)) and not plan.in_force(monday + timedelta(hours=8))
    assert plan.in_force(datetime(2026, 3, 5, 4, 29, tzinfo=UTC)) and not plan.in_force(
        datetime(2026, 3, 5, 4, 30, tzinfo=UTC)
    )
