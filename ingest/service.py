"""The ingest service: two lanes, and a thread that stores.

The live lane reads what has come, runs what could touch a danger zone through the fences at once, and hands all to
the storing thread, which commits every 200 ms. The lane for back-filled messages has a session, a queue and a thread
of its own, so that hours of held-back positions never delay an alarm. Order of truth: PostgreSQL commits first; only
then does the device get its acknowledgement and may the broker forget the message.
"""

from __future__ import annotations

import gc
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from ingest.arrivals import Arrival, Lane, Received, Refusal, read_arrivals
from ingest.batches import Batch, Work, pieces
from ingest.directory import Directory
from ingest.fair_queue import FairQueue
from ingest.pipeline import decide_now, store
from ingest.refusals import RefusalBook
from ingest.storing import Storer
from ingest.telling import tell_pages
from ingest.urgency import Urgency
from spatial.fences.engine import warm
from spatial.tracks.operations import make_partitions

IDLE_S = 0.5
MAX_MESSAGES = 400
PARTITIONS_EVERY_S = 3600.0
SITES_EVERY_S = 2.0
_RETRY_S = (0.1, 0.2, 0.5)  # the database is near; back at work within seconds
_log = logging.getLogger(__name__)
T = TypeVar("T")


class Session(Protocol):
    """What the service needs of a broker session."""

    arrivals: FairQueue

    def acknowledge(self, receipt: Any) -> None: ...
    def publish(self, topic: str, payload: bytes) -> None: ...


class IngestService:
    """Takes arrivals of its sessions until it is stopped."""

    def __init__(
        self,
        sessions: Mapping[Lane, Session],
        *,
        now: Callable[[], datetime],
        follow_sites: Callable[[], None] | None = None,
    ) -> None:
        self._sessions = sessions
        self._now = now
        self._follow_sites, self._sites_due = follow_sites, 0.0
        self._stopping = threading.Event()
        self._urgency = Urgency()
        self._storer = Storer(lambda works: self._or_end(self._store, works, "live"))
        self._failed = False
        self._partitions_due = 0.0
        self._redis = redis.Redis.from_url(settings.TWINWALL_REDIS_URL, socket_timeout=1, socket_connect_timeout=1)

    def stop(self) -> None:
        """This function will end `run` after the batch in hand."""
        self._stopping.set()

    def run(self) -> None:
        """This function will serve until `stop`; a database that is away is waited for, nothing is lost."""
        warm()
        self._persist(self._urgency.learn)
        gc.collect()
        gc.freeze()  # what is loaded by now stays for good: no collection looks at it amid alarms
        self._storer.start()
        backfill = threading.Thread(
            target=self._or_end, args=(self._run_lane, "backfill"), name="backfill", daemon=True
        )
        backfill.start()
        self._run_lane("live")
        self._storer.stop()
        backfill.join(10)
        if self._failed:
            raise RuntimeError("A thread of the service ended; the supervisor starts it again.")

    def _or_end(self, work: Callable[..., None], *arguments: Any) -> None:
        """Do a thread's work; a thread that fails ends the service, for half a service would acknowledge nothing."""
        try:
            work(*arguments)
        except BaseException:
            _log.exception("The thread %s failed; the service ends.", threading.current_thread().name)
            self._failed = True
            self.stop()
            raise

    def _run_lane(self, lane: Lane) -> None:
        directory, book = Directory(time.monotonic), RefusalBook(time.monotonic)
        while not self._stopping.is_set():
            if lane == "live":
                self._persist(self._renew_partitions)
                self._persist(self._renew_sites)
            self._count_turned_away(lane, directory, book)
            self._persist(book.flush_when_due)
            arrivals = self._sessions[lane].arrivals.take(MAX_MESSAGES, IDLE_S)
            if not arrivals:
                continue
            read = self._persist(partial(read_arrivals, arrivals, directory))
            if read is None:
                return
            received, refused = read
            self._refuse(lane, refused, book)
            self._note_left_out(received, book)
            works = [Work(item) for item in received]
            if lane == "live":
                self._serve_live(works)
            else:
                for piece in pieces(works):
                    self._store(piece, "backfill")

    def _count_turned_away(self, lane: Lane, directory: Directory, book: RefusalBook) -> None:
        for code, number in self._sessions[lane].arrivals.turned_away().items():
            senders = self._persist(partial(directory.devices, [code])) or {}
            book.count(code, number, self._now(), senders.get(code))

    def _renew_partitions(self) -> None:
        if time.monotonic() >= self._partitions_due:
            make_partitions(first_day=self._now().date())
            self._partitions_due = time.monotonic() + PARTITIONS_EVERY_S

    def _renew_sites(self) -> None:
        """Listen to the sites that are this worker's now, where several share them."""
        if self._follow_sites is not None and time.monotonic() >= self._sites_due:
            self._follow_sites()
            self._sites_due = time.monotonic() + SITES_EVERY_S

    def _serve_live(self, works: Sequence[Work]) -> None:
        """Store at once what says more than places, decide at once what could touch a zone, and leave the rest."""
        whole = [work for work in works if work.received.message.signals or work.received.message.readings]
        places = [work for work in works if not (work.received.message.signals or work.received.message.readings)]
        if whole:
            self._store(whole, "live")
        urgent = self._urgency.of([work.received for work in places])
        pressing = [work for work, is_urgent in zip(places, urgent, strict=True) if is_urgent]
        if pressing:
            self._decide(pressing)
        self._storer.put(places)

    def _decide(self, works: Sequence[Work]) -> None:
        """Commit what follows from works; when that fails, they are decided with their storing, one by one."""
        try:
            batch = self._persist(lambda: decide_now(works, self._now()))
        except Exception:
            _log.exception("Deciding on %s messages failed; they are decided when they are stored.", len(works))
            return
        if batch is not None:
            self._urgency.note(batch)
            tell_pages(self._redis, batch)  # who is near a danger zone moved too; the storing has nothing new to tell

    def _store(self, works: Sequence[Work], lane: Lane) -> None:
        """Commit works and answer for them; when they fail together, in halves, and what fails alone is refused."""
        try:
            batch = self._persist(lambda: store(works, self._now()))
        except Exception as error:
            _log.exception("A batch of %s messages failed.", len(works))
            half = len(works) // 2
            if half:
                self._store(works[:half], lane)
                self._store(works[half:], lane)
            else:
                refusal = _as_refusal(works[0].received, f"internal: {type(error).__name__}")
                self._refuse(lane, [refusal], RefusalBook(time.monotonic))
            return
        if batch is not None:
            self._after_commit(batch, lane)

    def _after_commit(self, batch: Batch, lane: Lane) -> None:
        for work in batch.works:
            received = work.received
            answer: dict[str, Any] = {"boot": received.message.boot_id, "seq": received.message.sequence}
            if received.left_out:
                answer["left_out"] = list(received.left_out[:20])
            self._answer(lane, received.arrival, answer)
        self._urgency.note(batch)
        tell_pages(self._redis, batch)

    def _refuse(self, lane: Lane, refusals: Sequence[Refusal], book: RefusalBook) -> None:
        """Keep or count refusals, then answer them; the broker forgets them only when that is committed."""
        if not refusals:
            return
        _log.info("Refused %s messages, the first on %s: %s", len(refusals), *_first(refusals))
        for refusal in refusals:
            book.note(refusal)
        self._persist(book.flush)
        for refusal in refusals:
            if refusal.sender is not None and refusal.sequence is not None:
                answer = {"boot": refusal.boot_id, "seq": refusal.sequence, "refused": refusal.reason}
                self._answer(lane, refusal.arrival, answer)
            else:
                self._settle(lane, refusal.arrival)

    def _note_left_out(self, received: Sequence[Received], book: RefusalBook) -> None:
        for item in received:
            for reason in item.left_out:
                book.note(_as_refusal(item, reason))

    def _answer(self, lane: Lane, arrival: Arrival, answer: dict[str, Any]) -> None:
        site, device = arrival.topic.split("/")[2:4]
        self._sessions[lane].publish(f"tw/v1/{site}/{device}/ack", json.dumps(answer).encode())
        self._settle(lane, arrival)

    def _settle(self, lane: Lane, arrival: Arrival) -> None:
        """Let the broker forget a message, and its device send another one."""
        self._sessions[lane].acknowledge(arrival.receipt)
        self._sessions[lane].arrivals.settle(arrival)

    def _persist(self, work: Callable[[], T]) -> T | None:
        """Do database work, again after a pause while the database is away; None when the service stops
        first."""
        attempt = 0
        while True:
            try:
                return work()
            except (OperationalError, InterfaceError) as error:
                pause_s = _RETRY_S[min(attempt, len(_RETRY_S) - 1)]
                _log.warning("The database cannot be used (%s); again in %s s.", str(error).strip(), pause_s)
                attempt += 1
                close_old_connections()
                if self._stopping.wait(pause_s):
                    return None


def _first(refusals: Sequence[Refusal]) -> tuple[str, str]:
    return refusals[0].arrival.topic[:200], refusals[0].reason


def _as_refusal(received: Received, reason: str) -> Refusal:
    message, sender = received.message, received.sender
    return Refusal(received.arrival, reason, sender.code, sender, message.boot_id, message.sequence)
