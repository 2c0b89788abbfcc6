"""Readings under typed conditions: any order of the same messages, late and doubled ones too, gives the same alarms."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from .arrivals import final_alarms, mixed_messages, outcome, random_readings


@given(st.randoms(use_true_random=False), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_any_order_of_messages_gives_the_same_alarms(random: Random, length: int):
    condition, readings = random_readings(random, length)
    assert outcome(condition, mixed_messages(random, readings)) == final_alarms(condition, readings)


def test_without_judging_again_the_order_matters():
    rng, differ = Random(1), 0
    for _ in range(100):
        condition, readings = random_readings(rng, 30)
        differ += outcome(condition, mixed_messages(rng, readings), again=False) != final_alarms(condition, readings)
    assert differ > 25
