"""Private, content-addressed files: a blob's name is the SHA-256 of its bytes.

Photos, models and plans are stored once, never served by path: a page that may show one opens it by hash after
checking the row that names it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

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
