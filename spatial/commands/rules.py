"""The way of a command: states, receipts, when to try again; the bytes of both. Pure, no clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

STATES = ("queued", "sent", "received", "played", "confirmed")
RECEIPT_STATES = STATES[2:]
KINDS = ("buzz", "voice", "text")
MOST_LETTERS = 200
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(seconds=30)
DEFAULT_LIFE = timedelta(minutes=5)
LONGEST_LIFE = timedelta(hours=8)
MAX_RECEIPT_BYTES = 1024


class ReceiptRefused(ValueError):
    """A receipt cannot be used; the message names the field."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a device says became of a command."""

    delivery_id: UUID
    state: str
    at: datetime


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait for a receipt after so many attempts: 2, 4, 8, 16, then 30 s."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (2 ** max(0, min(attempts, 10) - 1)))


def after_receipt(state: str, receipt: str) -> str:
    """Return the state after a receipt: never back, and what came after expiry is told as what it is."""
    if state == "expired":
        return receipt
    return max(state, receipt, key=STATES.index)


def command_bytes(*, delivery_id: UUID, kind: str, text: str, ordered_at: datetime, expires_at: datetime) -> bytes:
    """Return the message to a device; the same command sent again has the same id and is played once."""
    body = {
        "v": 1,
        "id": str(delivery_id),
        "kind": kind,
        "text": text,
        "t": _milliseconds(ordered_at),
        "until": _milliseconds(expires_at),
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def receipt_bytes(*, delivery_id: str, state: str, epoch_ms: int) -> bytes:
    """Return the message of a device."""
    body = {"v": 1, "id": delivery_id, "state": state, "t": epoch_ms}
    return json.dumps(body, separators=(",", ":")).encode()


def read_receipt(payload: bytes) -> Receipt:
    """Return what a receipt says. Raises ReceiptRefused naming the field."""
    if len(payload) > MAX_RECEIPT_BYTES:
        raise ReceiptRefused(f"payload: {len(payload)} bytes, at most {MAX_RECEIPT_BYTES}")
    try:
        body: Any = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ReceiptRefused("payload: not JSON") from error
    if not isinstance(body, dict):
        raise ReceiptRefused("payload: not a JSON object")
    if body.get("v") != 1:
        raise ReceiptRefused("v: must be 1")
    try:
        delivery_id = UUID(str(body["id"]))
    except (KeyError, ValueError) as error:
        raise ReceiptRefused("id: not the id of a command") from error
    if body.get("state") not in RECEIPT_STATES:
        raise ReceiptRefused(f"state: must be one of {', '.join(RECEIPT_STATES)}")
    moment = body.get("t")
    if isinstance(moment, bool) or not isinstance(moment, int) or not 0 < moment < 4_102_444_800_000:
        raise ReceiptRefused("t: not milliseconds since 1970")
    return Receipt(delivery_id, body["state"], datetime.fromtimestamp(moment / 1000, tz=UTC))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
