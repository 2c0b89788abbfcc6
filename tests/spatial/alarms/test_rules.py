"""Alarm rules of the edition: levels, late alarms, titles."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.alarms.rules import RuleUnknown, alarm_rule, is_late, level_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("orange", "orange"),
        ("yellow/red", "yellow"),
        ("orange; red if count >= 1.5*limit", "orange"),
        ("yellow: 70 %, orange: 85 %", "yellow"),
        ("blue; orange if last zone is forbidden/confined", "blue"),
    ],
)
def test_the_first_level_that_a_rule_names_is_its_level(text, level):
    assert level_of({"id": "X", "level": text}) == level


def test_a_rule_or_a_level_that_does_not_exist_is_an_error():
    with pytest.raises(RuleUnknown):
        alarm_rule({"rules": []}, "P-01")
    with pytest.raises(RuleUnknown):
        level_of({"id": "X", "level": "loud"})


def test_sixty_seconds_is_live_and_more_is_late():
    assert not is_late(NOW, NOW + timedelta(seconds=60))
    assert is_late(NOW, NOW + timedelta(seconds=60, milliseconds=1))
