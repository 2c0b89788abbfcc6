"""The negative controls: the product's own programs with one safeguard taken out, here and nowhere else.

`python -m tests.reliability.without_safeguard FAULT [FILE]`, where FAULT is the name of one of the functions below.
Each must make the count (or the measurement) fail.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def early_ack() -> None:
    """Acknowledge a message when it is read, before anything is committed."""
    from ingest import service

    class Hasty(service.IngestService):
        def _serve_live(self, works: Sequence[Any]) -> None:
            for work in works:
                message = work.received.message
                self._answer("live", work.received.arrival, {"boot": message.boot_id, "seq": message.sequence})
            super()._serve_live(works)

    service.IngestService = Hasty  # type: ignore[misc]
    _run_ingest()


def no_dedup() -> None:
    """Take every message as one that never came before."""
    from dataclasses import replace

    from ingest import taking

    honest = taking.take_messages

    def forgetful(*, keys: Any, received_at: Any) -> Any:
        renamed = {replace(key, boot_id=secrets.token_hex(16)): key for key in keys}
        return {renamed[key] for key in honest(keys=renamed, received_at=received_at)}

    taking.take_messages = forgetful
    taking.taken_before = lambda *, keys: set()
    _run_ingest()


def storing_fails_once() -> None:
    """No safeguard is out here: the storing thread meets an error that nobody expected, once."""
    from ingest import service

    marker = Path(os.environ["TWINWALL_VAR"]) / "storing-failed"

    class Frail(service.IngestService):
        def _store(self, works: Sequence[Any], lane: Any) -> None:
            if not marker.exists():
                marker.touch()
                raise SystemError("an error that nobody expected")
            super()._store(works, lane)

    service.IngestService = Frail  # type: ignore[misc]
    _run_ingest()


def one_lane() -> None:
    """Serve held-back messages on the live lane, in the order of their coming."""
    from ingest.mqtt import broker_session

    topics_of = broker_session.topics_of
    lanes = {"live": [*topics_of("live"), *topics_of("backfill")], "backfill": ["tw/v1/nobody/nothing/positions"]}
    broker_session.topics_of = lambda lane, sites: lanes[lane]
    _first_come_first_served()
    _run_ingest()


def dear_refusals() -> None:
    """Write each refused message in a transaction of its own, and take messages in the order of their coming."""
    from ingest import refusals

    note = refusals.RefusalBook.note

    def dear(book: Any, refusal: Any) -> None:
        book._windows.clear()
        note(book, refusal)
        book.flush()

    refusals.RefusalBook.note = dear  # type: ignore[method-assign]
    _first_come_first_served()
    _run_ingest()


def no_turns() -> None:
    """Read and store messages in the order of their coming, however many are of one device."""
    _first_come_first_served()
    _run_ingest()


def _first_come_first_served() -> None:
    from functools import partial

    from ingest import fair_queue, turns
    from ingest.mqtt import broker_session

    own = turns.Turns._own
    turns.Turns._own = lambda queue, _sender, item: own(queue, "all", item)  # type: ignore[method-assign]
    broker_session.FairQueue = partial(fair_queue.FairQueue, 10**9, 10**12)  # type: ignore[misc, assignment]


def gateway_in_memory(file: str) -> None:
    """A gateway that answers its devices from memory."""
    from ingest.gateway.config import load_config
    from ingest.gateway.journal import Journal
    from ingest.gateway.running import run_gateway

    class Forgetful(Journal):
        def _open(self, file: str) -> None:
            super()._open(":memory:")

    config = load_config(Path(file))
    run_gateway(config, Forgetful(config.journal_file, max_bytes=config.journal_max_bytes))


def gateway_all_at_once(file: str) -> None:
    """A gateway that sends what it held back without a window, as fast as it can."""
    from ingest.gateway import outbox
    from ingest.gateway.config import load_config
    from ingest.gateway.journal import Journal
    from ingest.gateway.running import run_gateway

    outbox.WINDOW[outbox.Lane.BACKFILL] = outbox.MOST_UNANSWERED = 100_000
    config = load_config(Path(file))
    run_gateway(config, Journal(config.journal_file, max_bytes=config.journal_max_bytes))


def _run_ingest() -> None:
    from django.core.management import call_command

    call_command("run_ingest")


def main() -> None:
    """Run one of the controls."""
    fault, *arguments = sys.argv[1:]
    if not fault.startswith("gateway_"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmap.project.settings")
        import django

        django.setup()
    faults = (early_ack, no_dedup, storing_fails_once, one_lane, dear_refusals, no_turns)
    gateways = (gateway_in_memory, gateway_all_at_once)
    {each.__name__: each for each in (*faults, *gateways)}[fault](*arguments)


if __name__ == "__main__":
    main()
