"""Where imports work and tilesets live; a refused import leaves neither."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from .pipeline.hand_over import remove


def _data_root() -> Path:
    return Path(settings.TWINWALL_DATA_ROOT)


@contextmanager
def work_folder() -> Iterator[Path]:
    """Yield an empty folder beside the tilesets (so tiles move by rename), and remove it with all that is in it."""
    parent = _data_root() / "imports"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=parent))
    try:
        yield folder
    finally:
        remove(folder)
        with suppress(OSError):
            parent.rmdir()


def take_tiles(folder: Path, target: Path) -> None:
    """Move the work folder's tiles to their place, readable by the web server."""
    target.parent.mkdir(parents=True, exist_ok=True)
    remove(target)  # of an import of this revision whose worker was killed before it was committed
    (folder / "tiles").rename(target)
    target.chmod(0o755)


def drop_tiles(target: Path) -> None:
    """Remove a tileset, and the tilesets' folder where it was the last."""
    shutil.rmtree(target, ignore_errors=True)
    with suppress(OSError):
        target.parent.rmdir()
