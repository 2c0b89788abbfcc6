"""A site's own conditions: who may set them, which one counts, and a preview that reads only what can matter."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from spatial.alarms.catalogue import ConditionRefused
from spatial.alarms.conditions import Step, evaluate
from spatial.alarms.models import Alarm, AlarmRule
from spatial.alarms.operations import AlarmForbidden, AlarmRefused, follow_readings
from spatial.alarms.preview import preview
from spatial.alarms.rule_operations import change_rule, reset_rule
from spatial.alarms.rule_queries import site_conditions, stream_facts
from spatial.devices.operations import register_device
from spatial.ledger.models import Act
from spatial.observations.models import Datastream
from spatial.observations.operations import ReadingRow, create_datastream, store_readings
from tests.ingest.cast import START
from tests.spatial.alarms.test_conditions import SHANGHAI


@pytest.fixture
def sensor(cast):
    device, _ = register_device(
        site=cast.site, code=f"S{cast.site.code}", name="气体检测仪", kind="sensor", report_interval_s=60, actor=None,
        now=START,
    )  # fmt: skip
    return device


def given(cast, key="G-02/h2s"):
    return site_conditions(cast.site, at=START).edition[key]


def stricter(cast):
    return replace(given(cast), steps=(Step("yellow", ">=", 3.0, 5), Step("red", ">=", 10.0, 5)), clear_limit=3.0)


def store(device, values, quantity="h2s", seconds=60):
    rows = [
        ReadingRow(device, "", quantity, START + timedelta(seconds=seconds * n), value, START + timedelta(days=8))
        for n, value in enumerate(values)
    ]
    return store_readings(rows=rows)


def test_only_who_may_sets_a_rule_with_a_reason_and_only_a_sound_one(cast):
    for actor, reason, error in (
        (cast.stranger, "x", AlarmForbidden),
        (cast.officer, " ", AlarmRefused),
    ):
        with pytest.raises(error):
            change_rule(site=cast.site, condition=stricter(cast), reason=reason, actor=actor, now=START)
    with pytest.raises(ConditionRefused):
        broken = replace(given(cast), clear_limit=99.0)
        change_rule(site=cast.site, condition=broken, reason="x", actor=cast.officer, now=START)
    with pytest.raises(AlarmRefused, match="no condition"):
        foreign = replace(given(cast), key="X-99/x")
        change_rule(site=cast.site, condition=foreign, reason="x", actor=cast.officer, now=START)
    assert (AlarmRule.objects.count(), Act.objects.filter(verb="change_alarm_rule").count()) == (0, 0)


def test_the_narrowest_scope_counts_and_going_back_is_going_back(cast, sensor):
    stream = create_datastream(device=sensor, quantity="h2s", zone=cast.pit, actor=None, now=START)
    facts = stream_facts(stream, SHANGHAI)

    def limit():
        held = site_conditions(cast.site, at=START).of_stream(stream, facts)
        return next(row.steps[0].limit for row in held if row.key == "G-02/h2s")

    assert limit() == 5.0
    for scope, value in (({}, 4.0), ({"zone": cast.pit}, 3.0), ({"datastream": stream}, 2.0)):
        steps = (Step("yellow", ">=", value, 5), Step("red", ">=", 10.0, 5))
        condition = replace(given(cast), steps=steps, clear_limit=value)
        change_rule(site=cast.site, condition=condition, reason="x", actor=cast.officer, now=START, **scope)
        assert limit() == value
    for scope, value in (({"datastream": stream}, 3.0), ({"zone": cast.pit}, 4.0), ({}, 5.0)):
        reset_rule(site=cast.site, key="G-02/h2s", reason="x", actor=cast.officer, now=START, **scope)
        assert limit() == value
    with pytest.raises(AlarmRefused, match="already"):
        reset_rule(site=cast.site, key="G-02/h2s", reason="x", actor=cast.officer, now=START)
    assert AlarmRule.objects.count() == 3


def test_switching_a_rule_off_clears_its_alarms(cast, sensor):
    follow_readings(stored=store(sensor, [6.0, 6.0, 6.0]))
    assert Alarm.objects.filter(cleared_at__isnull=True).count() == 1
    off = replace(given(cast), enabled=False)
    now = START + timedelta(days=8)
    change_rule(site=cast.site, condition=off, reason="探头送检", actor=cast.officer, now=now)
    assert Alarm.objects.get().cleared_by == cast.officer


@pytest.mark.parametrize("seed", range(6))
def test_the_preview_that_skips_quiet_hours_finds_what_all_readings_say(cast, sensor, seed):
    random, values = Random(seed), [0.5] * (4 * 24 * 60 // 5)
    for _ in range(12):
        first, size = random.randrange(len(values) - 40), random.choice([2.0, 3.5, 6.0, 12.0])
        for index in range(first, first + random.randint(1, 30)):
            values[index] = size
    store(sensor, values, seconds=300)
    stream = Datastream.objects.get()
    facts = replace(stream_facts(stream, SHANGHAI))
    end = START + timedelta(days=4)
    seen = preview(cast.site, stricter(cast), start=START, end=end, now=end)
    readings = [(START + timedelta(seconds=300 * n), value) for n, value in enumerate(values)]
    expected = {which: evaluate(row, facts, readings) for which, row in (("old", given(cast)), ("new", stricter(cast)))}
    assert (seen.new, seen.streams) == (len(expected["new"]), 1)
    starts = {row.episode.started_at for row in seen.alarms if row.new}
    assert starts == {episode.started_at for episode in expected["new"]}
    assert any(row.old for row in seen.alarms) == bool(expected["old"])
