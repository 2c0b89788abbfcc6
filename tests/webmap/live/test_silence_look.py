"""All sites are looked at for silence every five seconds, however long the rounds of a busy pump take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webmap.live.pump import STALE_LOOK, is_due


@pytest.mark.parametrize("round_s", [1.0, 1.3, 5 / 3, 2.5])
def test_silence_is_looked_for_in_the_first_round_after_five_seconds(round_s: float) -> None:
    now = looked = datetime(2026, 3, 2, 8, 0, 0, 900_000, tzinfo=UTC)
    for _ in range(60):
        now += timedelta(seconds=round_s)
        assert now - looked < STALE_LOOK + timedelta(seconds=round_s)
        if is_due(looked, now):
            looked = now
    assert looked > now - STALE_LOOK
