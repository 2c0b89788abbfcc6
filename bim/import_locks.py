"""One import at a time on a site: the next ones wait for their turn, in the order of their upload.

Session-level advisory locks end with the connection, so a killed worker holds nothing up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


@contextmanager
def site_import_lock(site_code: str) -> Iterator[None]:
    """Wait until no other import of the site runs, and hold that place."""
    key = _key(f"bim-import-site:{site_code}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        _release(key)


@contextmanager
def site_import_turn(site_code: str) -> Iterator[bool]:
    """Yield at once whether this process alone may import on the site now."""
    with _try(_key(f"bim-import-site:{site_code}")) as held:
        yield held


@contextmanager
def revision_claim(revision_id: object) -> Iterator[bool]:
    """Yield whether this process alone may work on the revision now."""
    with _try(_key(f"bim-import-revision:{revision_id}")) as held:
        yield held


@contextmanager
def _try(key: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (held,) = cursor.fetchone()
    try:
        yield bool(held)
    finally:
        if held:
            _release(key)


def _release(key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def lock_tileset(revision_id: object) -> None:
    """Hold a revision's tileset until the transaction ends, also where its process is killed while it commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(f"bim-tileset:{revision_id}")])


def try_lock_tileset(revision_id: object) -> bool:
    """Hold a revision's tileset until the transaction ends, and say so; False at once where another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_key(f"bim-tileset:{revision_id}")])
        (held,) = cursor.fetchone()
    return bool(held)


def one_upload_at_a_time(site_code: str) -> None:
    """Wait, until the transaction ends, for other uploads to the site: two clicks must not queue one file twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(f"bim-upload:{site_code}")])
