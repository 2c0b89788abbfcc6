"""Where imports work and tilesets live; a refused import leaves neither."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from .pipeline.hand_over import remove

_ATTEMPTS = 100


def _data_root() -> Path:
    return Path(settings.TWINWALL_DATA_ROOT)


@contextmanager
def work_folder() -> Iterator[Path]:
    """Yield an empty folder beside the tilesets (so tiles move by rename), and remove it with all that is in it.

    It is locked while its process lives, which tells it from one that a killed worker has left.
    """
    parent = _data_root() / "imports"
    made = _new_folder(parent)
    lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder = made.rename(made.with_name(f"import-{made.name.removeprefix('.new-')}"))
    try:
        yield folder
    finally:
        remove(folder)
        os.close(lock)
        with suppress(OSError):
            parent.rmdir()


def _new_folder(parent: Path) -> Path:
    """Make an empty folder in `parent`, which another process may remove as empty at any moment."""
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError, FileExistsError):  # it was there for mkdir, and gone for its second look
            parent.mkdir(parents=True, exist_ok=True)
            _hand_over(parent)
            return Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    raise FileNotFoundError(f"{parent} is removed as fast as it is made.")


def _hand_over(parent: Path) -> None:
    """Give what root made to the account that the data belong to, whose worker may need it at the same time."""
    if os.geteuid() == 0:
        owner = parent.parent.stat()
        os.chown(parent, owner.st_uid, owner.st_gid)


def sweep_work_folders() -> int:
    """Remove the folders of imports whose process was killed; return how many there were."""
    swept = 0
    for folder in sorted((_data_root() / "imports").glob("import-*")):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            remove(folder)
            swept += 1
        finally:
            os.close(lock)
    return swept


@contextmanager
def tiles_in_place(folder: Path, target: Path) -> Iterator[None]:
    """Move the work folder's tiles to their place, readable by the web server, and away again where the block fails.

    The block holds the lock of the tileset, so what lies there is of an import that was killed before its commit.
    """
    remove(target)
    (folder / "tiles").chmod(0o755)
    _move(folder / "tiles", target)
    try:
        yield
    except BaseException:
        drop_tiles(target)
        raise


def _move(source: Path, target: Path) -> None:
    """Rename a folder; another import may remove the target's parent as empty at any moment."""
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError, FileExistsError):
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
            return
    raise FileNotFoundError(f"{target.parent} is removed as fast as it is made.")


def drop_tiles(target: Path) -> None:
    """Remove a tileset, and the tilesets' folder where it was the last."""
    shutil.rmtree(target, ignore_errors=True)
    with suppress(OSError):
        target.parent.rmdir()
