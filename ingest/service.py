"""The ingest service: gather for at most 200 ms, commit, publish what moved, then acknowledge.

Order of truth: PostgreSQL commits first; only then does the device get its acknowledgement and may the broker
forget the message. What could touch a danger zone ends the gathering at once, so alarms do not wait.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from ingest.arrivals import Arrival, DeviceDirectory, Reading, Refusal, read_arrival
from ingest.pipeline import Batch, commit_batch, position_items
from spatial.devices.operations import keep_refused_message
from spatial.fences.queries import compiled_fences, devices_at_fences
from spatial.fences.rules import DeviceState, concerns_fences
from spatial.tracks.operations import make_partitions

GATHER_S = 0.2
IDLE_S = 0.5
MAX_MESSAGES = 100  # the broker hands over at most max_inflight_messages (100) before it wants acknowledgements
MAX_FIXES = 5000
PARTITIONS_EVERY_S = 3600.0
_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_log = logging.getLogger(__name__)
T = TypeVar("T")


class Session(Protocol):
    """What the service needs of a broker session."""

    arrivals: queue.Queue[Arrival]

    def acknowledge(self, receipt: Any) -> None: ...
    def publish(self, topic: str, payload: bytes) -> None: ...


class IngestService:
    """Takes arrivals of a session until it is stopped."""

    def __init__(self, session: Session, *, now: Callable[[], datetime]) -> None:
        self._session = session
        self._now = now
        self._stopping = threading.Event()
        self._directory = DeviceDirectory(time.monotonic)
        self._at_fences: set[UUID] = set()
        self._partitions_due = 0.0
        self._redis = redis.Redis.from_url(settings.TWINWALL_REDIS_URL, socket_timeout=1, socket_connect_timeout=1)

    def stop(self) -> None:
        """This function will end `run` after the batch in hand."""
        self._stopping.set()

    def run(self) -> None:
        """This function will serve until `stop`; a database that is away is waited for, nothing is lost."""
        self._persist(self._learn_presences)
        while not self._stopping.is_set():
            self._persist(self._renew_partitions)
            readings, refusals = self._gather()
            if readings or refusals:
                self._serve(readings, refusals)

    def _learn_presences(self) -> None:
        self._at_fences = devices_at_fences()

    def _renew_partitions(self) -> None:
        if time.monotonic() >= self._partitions_due:
            make_partitions(first_day=self._now().date())
            self._partitions_due = time.monotonic() + PARTITIONS_EVERY_S

    def _gather(self) -> tuple[list[Reading], list[Refusal]]:
        """Collect what arrives within 200 ms of the first message; after one that cannot wait, only what is
        there already."""
        readings: list[Reading] = []
        refusals: list[Refusal] = []
        fixes, until = 0, time.monotonic() + IDLE_S
        while len(readings) + len(refusals) < MAX_MESSAGES and fixes < MAX_FIXES:
            arrival = self._next_arrival(until - time.monotonic())
            read = self._persist(partial(read_arrival, arrival, self._directory)) if arrival else None
            if read is None:
                break
            if not readings and not refusals:
                until = time.monotonic() + GATHER_S
            if isinstance(read, Refusal):
                refusals.append(read)
                continue
            readings.append(read)
            fixes += len(read.plan)
            if self._cannot_wait(read):
                until = 0.0
        return readings, refusals

    def _next_arrival(self, wait_s: float) -> Arrival | None:
        try:
            if wait_s <= 0:
                return self._session.arrivals.get_nowait()
            return self._session.arrivals.get(timeout=wait_s)
        except queue.Empty:
            return None

    def _cannot_wait(self, reading: Reading) -> bool:
        device = reading.device
        if device.pk in self._at_fences:
            return True
        index = compiled_fences(device.site).index
        return concerns_fences(DeviceState(), reading.plan, index)

    def _serve(self, readings: Sequence[Reading], refusals: Sequence[Refusal]) -> None:
        for refusal in refusals:
            self._refuse(refusal)
        groups: dict[UUID, list[Reading]] = defaultdict(list)
        for reading in readings:
            groups[reading.device.organisation_id].append(reading)
        for group in groups.values():
            self._commit(group)

    def _commit(self, readings: list[Reading]) -> None:
        """Commit readings of one organisation; when they fail together, each alone, and what fails is
        refused."""
        try:
            batch = self._persist(lambda: commit_batch(readings, self._now()))
        except Exception as error:
            _log.exception("A batch of %s messages failed.", len(readings))
            if len(readings) > 1:
                for reading in readings:
                    self._commit([reading])
            else:
                self._refuse(_as_refusal(readings[0], f"internal: {type(error).__name__}"))
            return
        if batch is not None:
            self._after_commit(batch)

    def _after_commit(self, batch: Batch) -> None:
        for reading in batch.readings:
            message = reading.message
            self._answer(reading.arrival, {"boot": message.boot_id, "seq": message.sequence})
        for device_id, decision in batch.decisions.items():
            near = any(zone.inside or zone.run for zone in decision.state.zones.values())
            (self._at_fences.add if near else self._at_fences.discard)(device_id)
        for site_id, items in position_items(batch).items():
            try:
                self._redis.publish(f"twinwall.positions.{site_id}", json.dumps({"items": items}))
            except (redis.RedisError, OSError) as error:
                _log.warning("Positions were committed, but open pages were not told: %s", error)

    def _refuse(self, refusal: Refusal) -> None:
        _log.info("Refused a message on %s: %s", refusal.arrival.topic[:200], refusal.reason)
        kept = self._persist(
            lambda: keep_refused_message(
                topic=refusal.arrival.topic,
                device_code=refusal.device_code,
                site=refusal.device.site if refusal.device else None,
                payload=refusal.arrival.payload,
                reason=refusal.reason,
                received_at=refusal.arrival.received_at,
            )
        )
        if kept is None:
            return
        if refusal.device is not None and refusal.sequence is not None:
            answer = {"boot": refusal.boot_id, "seq": refusal.sequence, "refused": refusal.reason}
            self._answer(refusal.arrival, answer)
        else:
            self._session.acknowledge(refusal.arrival.receipt)

    def _answer(self, arrival: Arrival, answer: dict[str, Any]) -> None:
        topic = arrival.topic.removesuffix("/positions") + "/ack"
        self._session.publish(topic, json.dumps(answer).encode())
        self._session.acknowledge(arrival.receipt)

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


def _as_refusal(reading: Reading, reason: str) -> Refusal:
    message, device = reading.message, reading.device
    return Refusal(reading.arrival, reason, device.site.code, device.code, device, message.boot_id, message.sequence)
