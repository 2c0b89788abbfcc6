"""Names of the platform's own sessions at the broker. Pure.

A broker ends a session when another client connects by its name, whoever that is. So the names of ours hold a secret
that follows from the service's password, which no device knows; they stay the same when a process starts again.
"""

from __future__ import annotations

import hashlib


def session_secret(password: str) -> str:
    """This function will return the part of a session's name that nobody can guess."""
    return hashlib.blake2s(b"twinwall session names " + password.encode(), digest_size=12).hexdigest()
