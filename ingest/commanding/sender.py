"""The loop that empties the outbox of commands and takes receipts in; the database is the truth of both."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.db import InterfaceError, OperationalError, close_old_connections

from ingest.arrivals import Arrival, Refusal
from ingest.directory import Directory
from ingest.fair_queue import FairQueue
from ingest.refusals import RefusalBook
from spatial.commands.operations import send_due, take_receipt
from spatial.commands.rules import ReceiptRefused, read_receipt

LOOK_EVERY_S = 0.3
MOST_AT_ONCE = 50  # receipts between two looks: a call for help that is to be answered never waits for more
AWAY_S = 2.0
_TOPIC = re.compile(r"tw/v1/([A-Za-z0-9_-]{1,40})/([A-Za-z0-9_-]{1,40})/receipts")
_log = logging.getLogger(__name__)


class Session(Protocol):
    """What the sender needs of a broker session."""

    receipts: FairQueue

    def publish(self, topic: str, payload: bytes) -> bool: ...
    def acknowledge(self, delivery: Any) -> None: ...


class CommandSender:
    """Looks three times a second for what is due, and takes each receipt as it comes."""

    def __init__(self, session: Session, *, now: Callable[[], datetime]) -> None:
        self._session, self._now = session, now
        self._stopping = threading.Event()
        self._directory, self._book = Directory(time.monotonic), RefusalBook(time.monotonic)

    def stop(self) -> None:
        """This function will end `run` after the work in hand."""
        self._stopping.set()

    def run(self) -> None:
        """This function will serve until `stop`; a database that is away is waited for."""
        while not self._stopping.is_set():
            try:
                send_due(publish=self._session.publish, now=self._now())
                self._take_receipts()
            except (OperationalError, InterfaceError) as error:
                _log.warning("The database cannot be used (%s); again in %s s.", str(error).strip(), AWAY_S)
                close_old_connections()
                self._stopping.wait(AWAY_S)

    def _take_receipts(self) -> None:
        """Take some of the receipts that wait or come before the next look, of each device in turn."""
        arrivals = self._session.receipts.take(MOST_AT_ONCE, LOOK_EVERY_S)
        try:
            for arrival in arrivals:
                self._take(arrival)
            for code, number in self._session.receipts.turned_away().items():
                self._book.count(code, number, self._now(), self._directory.devices([code]).get(code))
            self._book.flush()
        except (OperationalError, InterfaceError):
            self._session.receipts.put_back(arrivals)
            raise
        for arrival in arrivals:
            self._session.acknowledge(arrival.receipt)
            self._session.receipts.settle(arrival)

    def _take(self, arrival: Arrival) -> None:
        named = _TOPIC.fullmatch(arrival.topic)
        code = named.group(2) if named else ""
        try:
            if named is None:
                raise ReceiptRefused("topic: not tw/v1/SITE/DEVICE/receipts")
            take_receipt(device_code=code, receipt=read_receipt(arrival.payload), now=self._now())
        except ReceiptRefused as refusal:
            self._refuse(arrival, code, str(refusal))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            _log.exception("A receipt on %s could not be taken.", arrival.topic[:200])
            self._refuse(arrival, code, f"internal: {type(error).__name__}")

    def _refuse(self, arrival: Arrival, code: str, reason: str) -> None:
        self._book.note(Refusal(arrival, reason, code, self._directory.devices([code]).get(code)))
