"""What one import may use, and which program reads the file."""

from __future__ import annotations

from dataclasses import dataclass

CHILD = "bim.pipeline.child"
OURS_INSIDE = ("bim", "spatial/__init__.py", "spatial/crs.py")
MEGABYTE = 1 << 20
DEFAULT_LIMIT_S = 150.0
TIME_UP = "It was not meshed: the time for meshes was up after {:.0f} s of the import's {:g} s."
TIME_UP_BEGINS = TIME_UP.partition("{")[0]
"""How the reason of a gap begins that another import of the same file may fill."""
LARGE_FROM_BYTES = 12_000_000
"""A file of this size is read in columns while a fork opens it, and assembled by a program with an empty memory.
Measured: at 4 MB either way takes the same time, at 12 MB this one 0.93 of the other's, at 102 MB 0.65."""


@dataclass(frozen=True)
class Limits:
    """Ceilings for all processes of one import together (memory, disk, number), and what the child is.

    `module` is run in the sandbox with the work folder as its argument; of the checkout it sees `visible` only. From
    `large_from_bytes` on a file is read in the way of large ones.
    """

    memory_bytes: int = 8 << 30
    disk_bytes: int = 8 << 30
    processes: int = 64
    large_from_bytes: int = LARGE_FROM_BYTES
    module: str = CHILD
    visible: tuple[str, ...] = OURS_INSIDE

    @property
    def scratch_bytes(self) -> int:
        """Return how large the sandbox's folders in memory (/tmp, /dev/shm) may grow."""
        return min(self.memory_bytes // 8, 256 * MEGABYTE)
