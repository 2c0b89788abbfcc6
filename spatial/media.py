"""Private, content-addressed files: a blob's name is the SHA-256 of its bytes.

Photos, models and plans are stored once, never served by path: a page that may show one opens it by hash after
checking the row that names it. A column that names a blob is called `sha256` or `..._sha256`: by these columns
`drop_blob` knows who else needs the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q

CHUNK_BYTES = 1 << 20


class BlobMissing(FileNotFoundError):
    """No file with this hash is stored."""


def blob_path(sha256: str) -> Path:
    """Return where the blob with this hash lies (whether it exists or not)."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / sha256


def store_blob(content: BinaryIO) -> str:
    """Store the bytes of a binary stream and return their SHA-256 in hex; storing the same bytes twice is free."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=root, delete=False) as part:
        try:
            while chunk := content.read(CHUNK_BYTES):
                digest.update(chunk)
                part.write(chunk)
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            Path(part.name).unlink()
            raise
    target = blob_path(digest.hexdigest())
    target.parent.mkdir(parents=True, exist_ok=True)
    Path(part.name).replace(target)
    return digest.hexdigest()


def open_blob(sha256: str) -> BinaryIO:
    """Open a stored blob for reading. Raises BlobMissing."""
    try:
        return blob_path(sha256).open("rb")
    except FileNotFoundError as error:
        raise BlobMissing(f"No stored file has the hash {sha256}.") from error


def named_elsewhere(sha256: str, *, besides: type[Model]) -> bool:
    """Return whether a row of any table but `besides` names the blob with this hash."""
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if _names_a_blob(field.name)]
        asked = Q(*[(name, sha256) for name in names], _connector=Q.OR)
        if names and model is not besides and model._default_manager.filter(asked).exists():
            return True
    return False


def _names_a_blob(column: str) -> bool:
    return column == "sha256" or column.endswith("_sha256")


def drop_blob(sha256: str, *, besides: type[Model]) -> bool:
    """This function will remove a blob that the rows of `besides` no longer need, and folders left empty by it.

    Blobs are shared by content: one that any other table names (the same bytes as evidence, as a plan) stays.
    Returns whether it was removed.
    """
    if named_elsewhere(sha256, besides=besides):
        return False
    blob = blob_path(sha256)
    blob.unlink(missing_ok=True)
    for folder in (blob.parent, blob.parent.parent):
        try:
            folder.rmdir()
        except OSError:
            break
    return True
