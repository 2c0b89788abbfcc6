"""A numbered message of the gateway, made from lines of its devices. The same lines always give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.gateway.journal import Entry

MAX_BYTES = 60 * 1024  # the platform takes 64 KiB
MAX_ITEMS = 500


def fill(entries: Sequence[Entry]) -> list[Entry]:
    """This function will return as many of the first entries as one message can carry, at least one."""
    taken: list[Entry] = []
    size, items = 0, 0
    for entry in entries:
        size, items = size + len(entry.part) + 1, items + entry.items
        if taken and (size > MAX_BYTES or items > MAX_ITEMS):
            break
        taken.append(entry)
    return taken


def pack(boot: str, sequence: int, entries: Sequence[Entry]) -> bytes:
    """This function will return the message in JSON (docs/reference/device-protocol.md)."""
    head = f'{{"v":1,"boot":"{boot}","seq":{sequence},"parts":['.encode()
    return head + b",".join(entry.part for entry in entries) + b"]}"
