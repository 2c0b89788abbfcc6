"""Messages that come by HTTP or as a file: the same pipeline in the caller's process, answered after the commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from ingest.arrivals import DECODERS, Arrival, Received, Refusal, place_message, read_one
from ingest.backfill_files import FileKind, FileRefused, LineFault, read_file
from ingest.batches import Work, pieces
from ingest.columns import ColumnMessage
from ingest.directory import Directory, KnownDevice
from ingest.pipeline import store
from ingest.refusals import RefusalBook
from ingest.telling import tell_pages
from spatial.devices.models import Device
from spatial.devices.rules import is_password

Result = Literal["taken", "duplicate", "refused"]
_BOOK, _BOOK_LOCK = RefusalBook(time.monotonic), threading.Lock()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message."""

    result: Result
    boot_id: str = ""
    sequence: int | None = None
    reason: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What became of a file: fixes taken, and fixes that were taken before."""

    taken: int
    duplicate: int


class FileInterrupted(RuntimeError):
    """The database went away halfway; what was committed stays, and the same file again takes the rest."""

    def __init__(self, done: FileAnswer) -> None:
        super().__init__(
            f"The database is away. {done.taken + done.duplicate} fixes of the file are stored; "
            "send the same file again for the others."
        )


def device_by_credential(code: str, password: str) -> KnownDevice | None:
    """Return the device in use with this code, if the password is its own."""
    held = Device.objects.filter(code=code, active=True).values_list("credential_hash", flat=True).first()
    if not held or not is_password(password, held):
        return None
    return Directory(time.monotonic).devices([code]).get(code)


def take_messages(*, sender: KnownDevice, kind: str, payloads: Sequence[bytes], now: datetime) -> list[Answer]:
    """This function will take messages of a device (`kind` as in its topics) together, and answer for each."""
    directory = Directory(time.monotonic)
    topic = f"http/{sender.code}/{kind}"
    read = [read_one(Arrival(topic, payload, now), sender, DECODERS[kind], directory) for payload in payloads]
    _keep([item for item in read if isinstance(item, Refusal)])
    works = [Work(item) for item in read if isinstance(item, Received)]
    taken = _store(works, now) if works else set()
    answers: list[Answer] = []
    waiting = iter(works)
    for item in read:
        if isinstance(item, Refusal):
            answers.append(Answer("refused", item.boot_id, item.sequence, item.reason))
            continue
        result: Result = "taken" if id(next(waiting)) in taken else "duplicate"
        answers.append(Answer(result, item.message.boot_id, item.message.sequence, "", item.left_out))
    return answers


def take_file(*, sender: KnownDevice, content: bytes, kind: FileKind, frame: str, now: datetime) -> FileAnswer:
    """This function will take a file of held-back fixes: checked whole first, then stored in pieces.

    Each piece is a transaction of its own, so that no live alarm waits for a file; what a piece holds is taken once,
    so an upload that broke off is sent again from its beginning. Raises FileRefused with the lines that are wrong
    (then nothing of it is stored), FileInterrupted when the database goes away.
    """
    works = read_works(sender=sender, content=content, kind=kind, frame=frame, now=now)
    return store_pieces(works, now, lambda _done: None)


def read_works(*, sender: KnownDevice, content: bytes, kind: FileKind, frame: str, now: datetime) -> list[Work]:
    """This function will read a file and place its fixes; nothing is stored. Raises FileRefused."""
    messages = read_file(content, kind, device_code=sender.code, frame=frame, received_at=now)
    directory = Directory(time.monotonic)
    return [Work(_placed(number, message, sender, directory, now)) for number, message in enumerate(messages)]


def store_pieces(works: Sequence[Work], now: datetime, progress: Callable[[int], None]) -> FileAnswer:
    """This function will store the messages of a file, each piece in a transaction of its own; `progress` hears how
    many fixes are through before each piece, and may raise to leave the rest."""
    taken = duplicate = 0
    for piece in pieces(works):
        progress(taken + duplicate)
        try:
            new = _store(piece, now)
        except (OperationalError, InterfaceError) as error:
            raise FileInterrupted(FileAnswer(taken, duplicate)) from error
        counts = [(id(work) in new, len(work.received.placed)) for work in piece]
        taken += sum(count for is_new, count in counts if is_new)
        duplicate += sum(count for is_new, count in counts if not is_new)
    return FileAnswer(taken, duplicate)


def _placed(number: int, message: ColumnMessage, sender: KnownDevice, directory: Directory, now: datetime) -> Received:
    placed = place_message(Arrival(f"file/{sender.code}", b"", now), sender, message, directory)
    if isinstance(placed, Refusal):
        raise FileRefused([LineFault(number + 1, placed.reason)])
    return placed


def _store(works: Sequence[Work], now: datetime) -> set[int]:
    """Store works, tell open pages after the commit, and return the ids of those that were new."""
    batch = store(works, now)
    transaction.on_commit(lambda: tell_pages(_redis(), batch), robust=True)
    return {id(work) for work in batch.taken}


def _keep(refusals: Sequence[Refusal]) -> None:
    if refusals:
        with _BOOK_LOCK:
            for refusal in refusals:
                _BOOK.note(refusal)
            _BOOK.flush()


def _redis() -> Any:
    return redis.Redis.from_url(settings.TWINWALL_REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
