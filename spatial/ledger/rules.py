"""The chain of acts: canonical text, hash, signature, and what is wrong with a chain. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

GENESIS_HASH = "0" * 64
ProblemKind = Literal["edited", "missing", "reordered", "signature", "cut"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a chain: at which number, of which kind, in a sentence."""

    sequence: int
    kind: ProblemKind
    text: str


@dataclass(frozen=True)
class Link:
    """One act as the chain sees it: its number, content, and the three values that seal it."""

    sequence: int
    content: Mapping[str, Any]
    previous_hash: str
    hash: str
    signature: str


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it, in the one form that survives PostgreSQL's jsonb."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def canonical_json(content: Mapping[str, Any]) -> bytes:
    """Return content as UTF-8 JSON: sorted keys, no spaces, UTC times, whole floats as integers; NaN is refused."""
    return json.dumps(
        _plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def act_hash(previous_hash: str, content: Mapping[str, Any]) -> str:
    """Return the SHA-256 in hex over the previous act's hash and this act's canonical content."""
    return hashlib.sha256(previous_hash.encode("ascii") + canonical_json(content)).hexdigest()


def sign_hash(key: Ed25519PrivateKey, digest: str) -> str:
    """Return the Ed25519 signature in hex over a hash in hex."""
    return key.sign(bytes.fromhex(digest)).hex()


def signature_holds(key: Ed25519PublicKey, digest: str, signature: str) -> bool:
    """Return whether the signature in hex was made over this hash by the owner of the key."""
    try:
        key.verify(bytes.fromhex(signature), bytes.fromhex(digest))
    except (InvalidSignature, ValueError):
        return False
    return True


def check_chain(links: Iterable[Link], key: Ed25519PublicKey, head: tuple[int, str] | None = None) -> list[Problem]:
    """Return what is wrong with a chain given in rising sequence; an empty list when nothing is.

    `head` is a number and hash noted earlier (an outsider's print): it also reveals a chain cut at its end.
    """
    problems: list[Problem] = []
    expected, previous = 1, GENESIS_HASH
    seen: dict[int, str] = {}
    for link in links:
        if link.sequence != expected:
            gap = f"Acts {expected} to {link.sequence - 1} are missing."
            problems.append(Problem(expected, "missing", gap))
        elif link.previous_hash != previous:
            text = f"Act {link.sequence} does not follow act {link.sequence - 1}: moved or exchanged."
            problems.append(Problem(link.sequence, "reordered", text))
        if act_hash(link.previous_hash, link.content) != link.hash:
            problems.append(Problem(link.sequence, "edited", f"Act {link.sequence} was changed after it was written."))
        if not signature_holds(key, link.hash, link.signature):
            problems.append(Problem(link.sequence, "signature", f"Act {link.sequence} is not signed by this ledger."))
        seen[link.sequence] = link.hash
        expected, previous = link.sequence + 1, link.hash
    if head and seen.get(head[0]) != head[1]:
        text = f"Act {head[0]} with hash {head[1][:12]}… was noted earlier and is not here now."
        problems.append(Problem(head[0], "cut", text))
    return problems
