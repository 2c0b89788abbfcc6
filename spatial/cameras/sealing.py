"""Passwords of cameras at rest: sealed with a key derived from the instance's secret, opened only to ask a camera."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from .rules import CameraRefused


def _box() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"twinwall camera passwords").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(password: str) -> str:
    """Return a password as it may be stored; an empty one stays empty."""
    return _box().encrypt(password.encode()).decode("ascii") if password else ""


def unseal(sealed: str) -> str:
    """Return the password. Raises CameraRefused when the instance's secret is no longer the one it was sealed with."""
    try:
        return _box().decrypt(sealed.encode("ascii")).decode() if sealed else ""
    except InvalidToken as error:
        raise CameraRefused("sealed", "The camera's password cannot be opened any more: enter it again.") from error
