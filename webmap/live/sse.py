"""Server-sent events on the wire (WHATWG HTML, section 9.2)."""

from __future__ import annotations

HEARTBEAT = b"event: ping\ndata: {}\n\n"
RETRY = b"retry: 1000\n\n"


def encode(event: str, data: str) -> bytes:
    """Return one event without an id; `data` is JSON without line breaks."""
    if "\n" in data or "\r" in data:
        raise ValueError("The data of an event must be one line.")
    return f"event: {event}\ndata: {data}\n\n".encode()


def with_id(frame: bytes, id: int) -> bytes:
    """Return the event with the id that a page resumes from."""
    return b"id: %d\n%b" % (id, frame)
