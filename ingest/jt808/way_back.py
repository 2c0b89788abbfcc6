"""Commands to JT/T 808 terminals: a text (0x8300), and a receipt when the terminal says that it was shown."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import partial

from ingest.jt808.bodies import DONE
from ingest.jt808.listener import Listener
from spatial.commands.rules import receipt_bytes

BUZZ_TEXT = "请注意安全"
"""A terminal has no buzzer of ours: it says this."""
_REMEMBERED = 2_000
_log = logging.getLogger(__name__)


class WayBack:
    """Takes commands from the broker's side; one that was shown is answered again, not shown again."""

    def __init__(self, listener: Listener, publish: Callable[[str, bytes], None], now: Callable[[], datetime]) -> None:
        self._listener, self._publish, self._now = listener, publish, now
        self._shown: OrderedDict[str, None] = OrderedDict()

    def take(self, topic: str, payload: bytes) -> None:
        """This function will show a command on its terminal, if that is connected here."""
        level = topic.split("/")
        try:
            body = json.loads(payload)
            command, kind, text = str(body["id"]), body["kind"], str(body.get("text") or BUZZ_TEXT)
        except (ValueError, KeyError, TypeError):
            _log.warning("A command on %s cannot be read.", topic[:200])
            return
        code, receipts = level[3], topic.removesuffix("commands") + "receipts"
        if not self._listener.is_connected(code):
            return
        if command in self._shown:
            self._say(receipts, command)
            return
        outcome = self._listener.send_text(code, text, urgent=True, spoken=kind != "text")
        outcome.add_done_callback(partial(self._settled, receipts, command))

    def _settled(self, receipts: str, command: str, outcome: Future[int]) -> None:
        error = outcome.exception()
        if error is not None or outcome.result() != DONE:
            _log.info("A command was not shown (%s); its sender tries again.", error or outcome.result())
            return
        self._shown[command] = None
        while len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)
        self._say(receipts, command)

    def _say(self, receipts: str, command: str) -> None:
        now_ms = int(self._now().timestamp() * 1000)
        self._publish(receipts, receipt_bytes(delivery_id=command, state="played", epoch_ms=now_ms))
