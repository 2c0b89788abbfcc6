"""A numbered message of the gateway, made from lines of its devices. The same lines always give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def pack_binary(boot: str, sequence: int, entries: Sequence[Entry]) -> bytes | None:
    """This function will return the message as a compact binary batch, a quarter of the bytes, or None when that form
    cannot hold it: a line that the platform will refuse is for the platform to read as it is."""
    from ingest.decoders.binary_writing import encode_binary
    from ingest.decoders.messages_json import decode_json
    from ingest.messages import PayloadRefused

    try:
        return encode_binary(decode_json(pack(boot, sequence, entries), sender_code=""))
    except (PayloadRefused, ValueError):
        return None


def packer(form: str) -> Callable[[str, int, Sequence[Entry]], tuple[str, bytes]]:
    """This function will return what makes kind (of topic) and bytes of a message, in a form of the configuration."""

    def packed(boot: str, sequence: int, entries: Sequence[Entry]) -> tuple[str, bytes]:
        if form == "binary" and (payload := pack_binary(boot, sequence, entries)) is not None:
            return "binary", payload
        return "messages", pack(boot, sequence, entries)

    return packed
