"""The parent's side: start children, follow their lines, kill what hangs, and bring every import to a verdict."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bim.ifc.refusal import Refusal

from .child_lines import kill_child, lines_of
from .model_files import RESULT
from .sandbox import NO_SANDBOX, bubblewrap, paths_inside, start_child
from .site_context import SiteContext

DEFAULT_LIMIT_S = 150.0
MEMORY_BYTES = 8 << 30

_STAGES = {"check": (0, 2), "read": (2, 10), "mesh": (10, 75), "footprints": (75, 85), "tiles": (85, 95)}


class Cancelled(Exception):
    """The user has cancelled the import."""


@dataclass(frozen=True)
class Progress:
    """Where an import stands: stage, percent of the whole, estimated seconds left (None while unknown)."""

    stage: str
    percent: float
    seconds_left: float | None


@dataclass
class Watch:
    """Limits and wishes of the caller for one import."""

    limit_s: float = DEFAULT_LIMIT_S
    on_progress: Callable[[Progress], None] = lambda progress: None
    is_cancelled: Callable[[], bool] = lambda: False
    started: float = field(default_factory=time.monotonic)

    @property
    def deadline(self) -> float:
        """Return when children must have ended, leaving time to write rows within the limit."""
        return self.started + self.limit_s - max(1.0, 0.05 * self.limit_s)

    @property
    def element_limit_s(self) -> float:
        return min(20.0, max(2.0, self.limit_s / 6))


@dataclass
class _Attempt:
    """What the lines of one child have told so far."""

    stage: str = "start"
    part: float = 0.0
    at: int | None = None
    refused: str | None = None
    done: bool = False
    hung: bool = False


def run_pipeline(source: Path, folder: Path, site: SiteContext, watch: Watch) -> dict[str, Any]:
    """Import `source` into the empty `folder` and return result.json with tiles/, rows and footprints beside it.

    Raises Refusal with the cause, or Cancelled. A crash or a hang of the mesher costs the element that it was at.
    """
    killed: dict[int, str] = {}
    one_by_one = False
    for number in range(1_000):
        _write_request(source, folder, site, watch, number, one_by_one, killed)
        attempt, status = _follow(source, folder, watch, number)
        if attempt.refused is not None:
            raise Refusal(attempt.refused)
        if attempt.done and status == 0:
            return _finish(folder)
        if time.monotonic() >= watch.deadline:
            raise Refusal(_too_late(attempt, watch))
        if attempt.stage != "mesh":
            raise Refusal(f"The file broke the reader in the stage {attempt.stage}: {_cause(attempt, status, folder)}.")
        if one_by_one or attempt.at is not None:
            if attempt.at is None or attempt.at in killed:
                raise Refusal(f"The mesher broke before its first element: {_cause(attempt, status, folder)}.")
            killed[attempt.at] = f"OpenCASCADE did not survive it: {_cause(attempt, status, folder)}."
        one_by_one = True
    raise Refusal("The mesher broke on more than 1,000 elements.")


def _write_request(
    source: Path, folder: Path, site: SiteContext, watch: Watch, number: int, one_by_one: bool, killed: dict[int, str]
) -> None:
    request = {
        "source": str(paths_inside(folder, source)[1]),
        "site": site.as_json(),
        "attempt": number,
        "one_by_one": one_by_one,
        "killed": killed,
        "threads": min(2, os.cpu_count() or 1),
        "memory_bytes": MEMORY_BYTES,
        "cpu_s": int(watch.limit_s * 4) + 10,
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")


def _follow(source: Path, folder: Path, watch: Watch, number: int) -> tuple[_Attempt, int]:
    """Run one child to its end, or kill it at the deadline, on silence in the mesher, or when cancelled."""
    attempt = _Attempt()
    process = start_child(folder, source, folder / f"child-{number:03d}.log")
    try:
        heard = time.monotonic()
        for line in lines_of(process):
            now = time.monotonic()
            if line is not None:
                heard = now
                _note(attempt, line, watch)
            elif watch.is_cancelled():
                raise Cancelled
            if now >= watch.deadline:
                break
            if attempt.stage == "mesh" and now - heard > watch.element_limit_s:
                attempt.hung = True
                break
    finally:
        kill_child(process)
    return attempt, process.returncode


def _note(attempt: _Attempt, line: bytes, watch: Watch) -> None:
    try:
        fields = json.loads(line)
    except ValueError:
        return
    if not isinstance(fields, dict):
        return
    if "refused" in fields:
        attempt.refused = str(fields["refused"])[:2_000]
    elif "done" in fields:
        attempt.done = True
    elif "at" in fields:
        attempt.at = int(fields["at"])
    elif fields.get("stage") in _STAGES:
        attempt.stage, attempt.part = fields["stage"], float(fields.get("part", 0))
        watch.on_progress(_progress(attempt, watch))


def _progress(attempt: _Attempt, watch: Watch) -> Progress:
    low, high = _STAGES[attempt.stage]
    percent = low + (high - low) * min(max(attempt.part, 0.0), 1.0)
    elapsed = time.monotonic() - watch.started
    left = elapsed * (100 - percent) / percent if percent >= 15 else None
    return Progress(attempt.stage, round(percent, 1), None if left is None else round(left, 1))


def _cause(attempt: _Attempt, status: int, folder: Path) -> str:
    if attempt.hung:
        return "it gave no sign of life within its time"
    number = -status if status < 0 else status - 128 if status > 128 else 0
    if number:
        try:
            return f"the process ended with {signal.Signals(number).name}"
        except ValueError:
            return f"the process ended with signal {number}"
    logs = sorted(folder.glob("child-*.log"))
    tail = logs[-1].read_text(encoding="utf-8", errors="replace").strip().splitlines() if logs else []
    return f"the process ended with status {status}" + (f" ({tail[-1][:300]})" if tail else "")


def _too_late(attempt: _Attempt, watch: Watch) -> str:
    return (
        f"The import was stopped at its limit of {watch.limit_s:g} s, in the stage {attempt.stage} "
        f"at {attempt.part * 100:.0f} %."
    )


def _finish(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    if bubblewrap() is None:
        result["warnings"].append(NO_SANDBOX)
    return result
