"""The loop that empties the outbox of commands and takes receipts in; the database is the truth of both."""

from __future__ import annotations

import logging
import queue
import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.db import InterfaceError, OperationalError, close_old_connections

from spatial.commands.operations import send_due, take_receipt
from spatial.commands.rules import ReceiptRefused, read_receipt
from spatial.devices.models import Device
from spatial.devices.operations import keep_refused_message

LOOK_EVERY_S = 0.3
AWAY_S = 2.0
_TOPIC = re.compile(r"tw/v1/([A-Za-z0-9_-]{1,40})/([A-Za-z0-9_-]{1,40})/receipts")
_log = logging.getLogger(__name__)


class Session(Protocol):
    """What the sender needs of a broker session."""

    receipts: queue.Queue

    def publish(self, topic: str, payload: bytes) -> bool: ...
    def acknowledge(self, delivery: Any) -> None: ...


class CommandSender:
    """Looks three times a second for what is due, and takes each receipt as it comes."""

    def __init__(self, session: Session, *, now: Callable[[], datetime]) -> None:
        self._session, self._now = session, now
        self._stopping = threading.Event()

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
        """Take the receipts that come within the time between two looks."""
        try:
            topic, payload, delivery = self._session.receipts.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            return
        while True:
            try:
                self._take(topic, payload)
            except (OperationalError, InterfaceError):
                self._session.receipts.put((topic, payload, delivery))
                raise
            self._session.acknowledge(delivery)
            try:
                topic, payload, delivery = self._session.receipts.get_nowait()
            except queue.Empty:
                return

    def _take(self, topic: str, payload: bytes) -> None:
        named = _TOPIC.fullmatch(topic)
        code = named.group(2) if named else ""
        try:
            if named is None:
                raise ReceiptRefused("topic: not tw/v1/SITE/DEVICE/receipts")
            take_receipt(device_code=code, receipt=read_receipt(payload), now=self._now())
        except ReceiptRefused as refusal:
            device = Device.objects.filter(code=code).select_related("site").first()
            keep_refused_message(
                topic=topic, device_code=code, site=device.site if device else None, payload=payload,
                reason=str(refusal), received_at=self._now(),
            )  # fmt: skip
