"""The ledger's signing key: one Ed25519 key per instance, made once, readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

KEY_NAME = "ledger_ed25519"
_KEYS: dict[Path, Ed25519PrivateKey] = {}


class LedgerKeyInvalid(RuntimeError):
    """The key file is there but cannot be used; the message names it."""


def _write_once(path: Path, content: bytes, mode: int) -> None:
    """Put a file in place whole, unless another process was faster."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def signing_key() -> Ed25519PrivateKey:
    """Return this instance's key from `TWINWALL_SECRETS_DIR/ledger_ed25519`, making it (mode 600) if there is none.

    The public half is written beside it as `ledger_ed25519.pub` (hex) for outsiders who check the ledger.
    """
    folder = Path(settings.TWINWALL_SECRETS_DIR)
    path = folder / KEY_NAME
    if path in _KEYS:
        return _KEYS[path]
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(path, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode(), 0o600)
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except ValueError as error:
        raise LedgerKeyInvalid(f"{path} is not an Ed25519 key in hex; restore it from a backup.") from error
    public = path.with_name(f"{KEY_NAME}.pub")
    if not public.exists():
        content = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        _write_once(public, content.encode(), 0o644)
    _KEYS[path] = key
    return key
