"""The two lanes and the repetitions, on times of our own."""

from __future__ import annotations

import asyncio
import time

from ingest.gateway.config import GatewayConfig
from ingest.gateway.journal import Entry, Journal
from ingest.gateway.lines import Line
from ingest.gateway.outbox import Lane, Outbox
from ingest.gateway.service import Gateway


def due(outbox, now):
    return [(sequence, sent.lane.value) for sequence, sent in outbox.due(now)]


def test_what_is_unanswered_goes_again_after_2_4_8_and_then_every_10_seconds():
    outbox = Outbox()
    outbox.add(1, [Entry(1, b"", 1)], Lane.BACKFILL, 100.0)
    moments = [now / 2 for now in range(200, 290) if outbox.due(now / 2)]
    assert moments == [100.0, 102.0, 106.0, 114.0, 124.0, 134.0, 144.0]


def test_live_goes_before_backfill_and_what_waits_longer_than_ten_seconds_is_no_longer_live():
    outbox = Outbox()
    outbox.add(1, [], Lane.BACKFILL, 0.0)
    outbox.add(2, [], Lane.LIVE, 0.0)
    assert due(outbox, 0.0) == [(2, "live"), (1, "backfill")]
    assert due(outbox, 11.0) == [(1, "backfill"), (2, "backfill")]


def test_a_lane_is_full_by_its_own_window():
    outbox = Outbox()
    for sequence in range(4):
        outbox.add(sequence, [], Lane.BACKFILL, 0.0)
    assert (outbox.room(Lane.BACKFILL), outbox.room(Lane.LIVE)) == (False, True)
    outbox.answered(2, 0.0)
    assert outbox.room(Lane.BACKFILL)


def test_an_answer_to_a_later_message_asks_for_the_earlier_ones_again_soon():
    outbox = Outbox()
    for sequence in (1, 2, 3):
        outbox.add(sequence, [], Lane.LIVE, 0.0)
    outbox.due(0.0), outbox.due(2.0), outbox.due(6.0)
    outbox.answered(2, 6.5)
    assert due(outbox, 8.5) == [(1, "live")]


def test_a_clock_that_is_set_by_years_changes_nothing(tmp_path, monkeypatch):
    """Only monotonic time decides: the same steps give the same messages while the wall clock jumps."""
    sent: list[tuple[str, bytes]] = []

    class Link:
        def publish(self, topic: str, payload: bytes) -> None:
            sent.append((topic, payload))

    config = GatewayConfig("zd-1", "GW-1", "x", "h", 1, None, "h", 2, tmp_path / "j.sqlite3", 10**6, tmp_path / "s")
    now = [50.0]

    async def play() -> None:
        gateway = Gateway(config, Journal(config.journal_file, max_bytes=10**6), Link(), lambda: now[0])
        gateway.hear_state("connected")
        for number, jump in enumerate((0.0, -86_400.0 * 365, 86_400.0 * 4000)):
            monkeypatch.setattr(time, "time", lambda jump=jump: 1_800_000_000.0 + jump)
            gateway.offer(Line("H-1", "00aa", number, b'{"device":"H-1"}', 1, urgent=False), lambda said: None)
            gateway.work()
            now[0] += 1.0

    asyncio.run(play())
    assert [topic for topic, _ in sent] == ["tw/v1/zd-1/GW-1/messages"] * 4  # the first one again after 2 s
    assert len({payload for _, payload in sent}) == 3
