"""What the processes of one import use together: the child may fork, and then its own limits hold for each alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .limits import MEGABYTE, Limits

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


@dataclass(frozen=True)
class Excess:
    """A limit that was passed: the sentence, and whether the element being meshed may be the cause."""

    sentence: str
    of_element: bool = False


def descendants(pid: int) -> dict[int, int]:
    """Return {process id: resident bytes} of every process below `pid`, without itself."""
    below: dict[int, list[int]] = {}
    for name in (entry.name for entry in _PROC.iterdir()):
        if name.isdigit() and (parent := _parent_of(int(name))) is not None:
            below.setdefault(parent, []).append(int(name))
    found: dict[int, int] = {}
    waiting = [pid]
    while waiting:
        for child in below.get(waiting.pop(), []):
            if child not in found:
                found[child] = _resident_bytes(child)
                waiting.append(child)
    return found


def _parent_of(pid: int) -> int | None:
    try:
        return int((_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None


def _resident_bytes(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0


def folder_bytes(folder: Path, at_most: int) -> int:
    """Return what the files of a folder take on the disk, and stop counting once it is more than `at_most`."""
    total = 0
    for size in _sizes(str(folder)):
        total += size
        if total > at_most:
            break
    return total


def _sizes(folder: str) -> Iterator[int]:
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    yield max(status.st_blocks * 512, 4096)  # an empty file costs an inode
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue


def excess(pid: int, folder: Path, limits: Limits) -> Excess | None:
    """Return the limit that the processes below and at `pid` have passed, or None."""
    below = descendants(pid)
    if len(below) > limits.processes:
        return Excess(f"The import started more than {limits.processes} processes and was stopped.")
    if sum(below.values()) + _resident_bytes(pid) > limits.memory_bytes:
        return Excess(
            f"The import used more than its {limits.memory_bytes // MEGABYTE} MB of memory and was stopped.", True
        )
    if folder_bytes(folder, limits.disk_bytes) > limits.disk_bytes:
        return Excess(f"The import wrote more than its {limits.disk_bytes // MEGABYTE} MB to the disk and was stopped.")
    return None
