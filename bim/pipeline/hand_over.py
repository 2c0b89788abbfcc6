"""What passes between the parent and a child that may have been taken over by its file: nothing but plain files.

A link in the work folder would make the parent read or write where it points, and the web server publish it.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

from bim.ifc.refusal import Refusal

from .model_files import DOCUMENTS, ELEMENTS, FOOTPRINTS, LENGTHS, PLACEMENTS, RESULT, ROWS

MAX_RESULT_BYTES = 256 << 20
MAX_LOG_BYTES = 64 << 10
DAMAGED = "The file broke the reader: what it left is damaged ({})."
_RESULT_SHAPE: dict[str, type | tuple[type, ...]] = {
    "schema": str, "elements": int, "meshed": int, "gaps": list, "storeys": list, "georeference": dict, "tiles": dict,
    "meshes": dict, "warnings": list,
}  # fmt: skip


def write_anew(path: Path, content: bytes) -> None:
    """Write a file where nothing is left of what a child may have put there."""
    remove(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def remove(path: Path) -> None:
    """Remove a file, link or folder with all that is in it, also where its modes forbid that or it is very deep."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):
        subprocess.run(["/bin/chmod", "-R", "u+rwX", "--", str(path)], check=False, capture_output=True)
        subprocess.run(["/bin/rm", "-rf", "--one-file-system", "--", str(path)], check=False, capture_output=True)


def check_folder(folder: Path) -> None:
    """Refuse a work folder that holds a link, a pipe, a device or a hard link to something outside of it."""
    waiting = [folder]
    while waiting:
        for entry in sorted(waiting.pop().iterdir()):
            status = entry.lstat()
            if stat.S_ISDIR(status.st_mode):
                waiting.append(entry)
            elif not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                raise Refusal(DAMAGED.format(f"{str(entry.relative_to(folder))[:80]!r} is no plain file"))


def read_result(folder: Path) -> dict[str, Any]:
    """Return result.json, checked to be what the child writes. Raises Refusal."""
    check_folder(folder)
    for name in (RESULT, ROWS, FOOTPRINTS, ELEMENTS, DOCUMENTS, LENGTHS, PLACEMENTS):
        if not (folder / name).is_file():
            raise Refusal(DAMAGED.format(f"{name} is missing"))
    if not (folder / "tiles").is_dir():
        raise Refusal(DAMAGED.format("tiles is missing"))
    if (folder / RESULT).stat().st_size > MAX_RESULT_BYTES:
        raise Refusal(DAMAGED.format(f"{RESULT} is too large"))
    try:
        result = json.loads((folder / RESULT).read_bytes())
    except (ValueError, RecursionError):
        raise Refusal(DAMAGED.format(f"{RESULT} is no JSON")) from None
    if not isinstance(result, dict):
        raise Refusal(DAMAGED.format(f"{RESULT} is no object"))
    for name, kind in _RESULT_SHAPE.items():
        if not isinstance(result.get(name), kind):
            raise Refusal(DAMAGED.format(f"{name} in {RESULT}"))
    return result


def last_line(log: Path) -> str:
    """Return the last line that a child wrote to its log, empty where there is none."""
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        file.seek(max(0, os.fstat(descriptor).st_size - MAX_LOG_BYTES))
        lines = file.read(MAX_LOG_BYTES).decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
