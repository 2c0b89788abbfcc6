"""Moving zones: any order of the same messages, late and doubled ones included, gives the same events."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from .arrivals import final_events, mixed_messages, outcome, random_story


@given(st.randoms(use_true_random=False), st.integers(4, 25))
@settings(max_examples=40, deadline=None)
def test_any_order_of_messages_gives_the_same_events_memories_and_states(random: Random, seconds: int):
    story = random_story(random, seconds)
    if not story:
        return
    whole, mixed = outcome([story]), outcome(mixed_messages(random, story))
    assert mixed.events == final_events(story)
    assert mixed.states == whole.states


def test_without_judging_again_the_order_matters():
    rng, differ = Random(1), 0
    for _ in range(10):
        story = random_story(rng, 20)
        differ += outcome(mixed_messages(rng, story), again=False).events != final_events(story)
    assert differ > 5
