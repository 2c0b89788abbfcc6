"""Rule, set-based SQL and oracle agree on random states; 100,000 of them in `./twin prove colours`."""

from __future__ import annotations

import pytest

from . import random_states

pytestmark = pytest.mark.django_db


def test_rule_sql_and_oracle_agree_on_four_thousand_random_states():
    assert random_states.disagreements(4_000, seed=11) == (4_000, 0)


def test_a_rule_that_forgets_the_cap_of_lifts_is_found_out(monkeypatch):
    real = random_states.read_table
    monkeypatch.setattr(random_states, "read_table", lambda content: real({**content, "lift_cap": 1}))
    assert random_states.disagreements(2_000, seed=11)[1] > 0
