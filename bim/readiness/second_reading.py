"""The parent's side of the second reading: start the child, end it at its limit, read what it has written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bim.ifc.refusal import Refusal
from bim.pipeline.child_lines import kill_child
from bim.pipeline.hand_over import DAMAGED, check_folder
from bim.pipeline.limits import Limits
from bim.pipeline.sandbox import paths_inside, start_child

from .child import ANSWER

LIMIT_S = 300.0
MEMORY_BYTES = 6 << 30
PACK_SHARE = 0.6
MAX_ANSWER_BYTES = 256 << 20


@dataclass(frozen=True)
class SecondReading:
    """What the child found; `shapes`, `voids` and `specified` are None where it did not get so far, `problem` why."""

    schema: str = ""
    specified: dict[str, Any] | None = None
    shapes: dict[str, Any] | None = None
    voids: list[dict[str, Any]] | None = None
    problem: str = ""


def read_again(source: Path, folder: Path, limit_s: float = LIMIT_S) -> SecondReading:
    """Return what the sandboxed child reads from a file within a time limit (s); it never raises for the file."""
    source = _readable(source, folder)
    request = {
        "source": str(paths_inside(folder, source)[1]), "memory_bytes": MEMORY_BYTES, "cpu_s": int(limit_s * 2) + 10,
        "pack_s": limit_s * PACK_SHARE,
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    process = start_child(
        folder, source, folder / "child.log", Limits(memory_bytes=MEMORY_BYTES, module="bim.readiness.child")
    )
    late = False
    try:
        process.wait(timeout=limit_s)
    except subprocess.TimeoutExpired:
        late = True
    finally:
        kill_child(process)
    return _answer(folder, late, process.returncode, limit_s)


def _readable(source: Path, folder: Path) -> Path:
    """Return a file that the child may open: a copy where another account owns the source (the child has no rights
    beyond its own account's, also where that is root)."""
    if source.stat().st_uid == os.geteuid():
        return source
    return Path(shutil.copyfile(source, folder / "source"))


def _answer(folder: Path, late: bool, status: int, limit_s: float) -> SecondReading:
    try:
        check_folder(folder)
        data = _read_answer(folder / ANSWER)
    except Refusal as refusal:
        return SecondReading(problem=refusal.reason[:500])
    if late:
        problem = f"The second reading of the file was stopped at its limit of {limit_s:g} s."
    elif status:
        problem = f"The second reading of the file ended with status {status}."
    else:
        problem = str(data.get("problem", ""))
    return SecondReading(
        str(data.get("schema", "")), _if(dict, data.get("specified")), _if(dict, data.get("shapes")),
        _if(list, data.get("voids")), problem[:500],
    )  # fmt: skip


def _read_answer(path: Path) -> dict[str, Any]:
    """Return what the child wrote, {} where it wrote nothing. Raises Refusal for what a sound child never writes."""
    if not path.exists():
        return {}
    if path.stat().st_size > MAX_ANSWER_BYTES:
        raise Refusal(DAMAGED.format(f"{ANSWER} is too large"))
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise Refusal(DAMAGED.format(f"{ANSWER} is no JSON")) from None
    if not isinstance(data, dict):
        raise Refusal(DAMAGED.format(f"{ANSWER} is no object"))
    return data


def _if(kind: type, value: Any) -> Any:
    return value if isinstance(value, kind) else None
