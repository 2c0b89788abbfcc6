"""`/device/...`: what devices send by HTTP instead of MQTT, with their own credential (HTTP Basic: code, password).

The answer comes after the commit and says of each message whether it was taken, was a duplicate, or is refused and
why; a device may then forget it. A file of held-back fixes is
checked whole before anything of it is stored.
"""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from ninja.security import HttpBasicAuth

from ingest.backfill_files import MAX_BYTES, FileKind, FileRefused
from ingest.posted import FileInterrupted, device_by_credential, take_file, take_messages

router = Router(tags=["devices"])
MAX_MESSAGES = 1000
MAX_MESSAGES_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
READ_BYTES = 1024 * 1024
FILES: dict[str, FileKind] = {"text/csv": "csv", "application/x-ndjson": "jsonl", "application/octet-stream": "binary"}


class DeviceCredential(HttpBasicAuth):
    """A device's code and password, as at the broker."""

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any:
        return device_by_credential(username, password)


class MessageAnswer(Schema):
    """What became of one message."""

    result: Literal["taken", "duplicate", "refused"]
    boot: str = ""
    seq: int | None = None
    refused: str = ""
    left_out: list[str] = []


class MessagesAnswer(Schema):
    """What became of each message of a request, in its order."""

    messages: list[MessageAnswer]


class FileTaken(Schema):
    """How many fixes of a file were taken, and how many were there already."""

    taken: int
    duplicate: int


class Fault(Schema):
    """What is wrong in a line."""

    line: int
    reason: str


class RequestRefused(Schema):
    """A request of which nothing was stored."""

    detail: str
    faults: list[Fault] = []


def _body(request: HttpRequest, most: int) -> bytes | None:
    """Return what was sent, read in pieces up to a limit of its own and no further; None when it is larger.

    Django's limit for forms (20 MiB) is for what browsers send and stays as it is.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        return None
    pieces, size = [], 0
    while piece := request.read(READ_BYTES):
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _kind(request: HttpRequest) -> str:
    return (request.content_type or "").lower()


@router.post(
    "/device/messages",
    auth=DeviceCredential(),
    response={200: MessagesAnswer, 413: RequestRefused, 415: RequestRefused},
)
def post_messages(request: HttpRequest) -> Status | MessagesAnswer:
    """Take one message (application/json, application/octet-stream) or one JSON message a line (x-ndjson)."""
    kind = _kind(request)
    if kind not in ("application/json", "application/x-ndjson", "application/octet-stream"):
        return Status(415, RequestRefused(detail="Send application/json, application/x-ndjson or octet-stream."))
    body = _body(request, MAX_MESSAGES_BYTES)
    if body is None:
        return Status(413, RequestRefused(detail=f"More than {MAX_MESSAGES_BYTES >> 20} MiB; send fewer at once."))
    lines = [line for line in body.split(b"\n") if line.strip()] if kind.endswith("ndjson") else []
    payloads = lines or [body]
    if len(payloads) > MAX_MESSAGES:
        return Status(413, RequestRefused(detail=f"{len(payloads)} messages, more than {MAX_MESSAGES}."))
    sender: Any = request.auth  # type: ignore[attr-defined]
    decoder = "binary" if kind == "application/octet-stream" else "messages"
    answers = take_messages(sender=sender, kind=decoder, payloads=payloads, now=timezone.now())
    return MessagesAnswer(
        messages=[
            MessageAnswer(
                result=one.result,
                boot=one.boot_id,
                seq=one.sequence,
                refused=one.reason,
                left_out=list(one.left_out[:20]),
            )
            for one in answers
        ]
    )


@router.post(
    "/device/backfill",
    auth=DeviceCredential(),
    response={200: FileTaken, 413: RequestRefused, 415: RequestRefused, 422: RequestRefused, 503: RequestRefused},
)
def post_file(request: HttpRequest, crs: str = Query("CGCS2000", max_length=60)) -> Status | FileTaken:
    """Take a file of held-back fixes: text/csv, application/x-ndjson or application/octet-stream (batches)."""
    kind = FILES.get(_kind(request))
    if kind is None:
        return Status(415, RequestRefused(detail=f"Send one of {', '.join(FILES)}."))
    content = _body(request, MAX_BYTES)
    if content is None:
        return Status(413, RequestRefused(detail=f"The file is larger than {MAX_BYTES >> 20} MiB; cut it."))
    sender: Any = request.auth  # type: ignore[attr-defined]
    try:
        answer = take_file(sender=sender, content=content, kind=kind, frame=crs, now=timezone.now())
    except FileRefused as refused:
        faults = [Fault(line=fault.line, reason=fault.reason) for fault in refused.faults]
        return Status(422, RequestRefused(detail=str(refused), faults=faults))
    except FileInterrupted as interrupted:
        return Status(503, RequestRefused(detail=str(interrupted)))
    return FileTaken(taken=answer.taken, duplicate=answer.duplicate)
