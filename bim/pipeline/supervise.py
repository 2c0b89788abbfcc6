"""The parent's side: start children, follow their lines, kill what hangs, and bring every import to a verdict."""

from __future__ import annotations

import json
import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bim.ifc.refusal import Refusal

from .child_lines import kill_child, lines_of
from .hand_over import last_line, read_result, write_anew
from .limits import DEFAULT_LIMIT_S, TIME_UP, Limits
from .sandbox import paths_inside, start_child, weakness
from .site_context import SiteContext
from .usage import Excess, excess

COUNT_EVERY_S = 0.5
ASSEMBLY_SHARE = 0.3
"""The part of the limit that is kept for outlines, tiles and rows when bodies are still being meshed."""

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
    limits: Limits = field(default_factory=Limits)
    started: float = field(default_factory=time.monotonic)
    mesh_began: float | None = None

    @property
    def deadline(self) -> float:
        """Return when children must have ended, leaving time to write rows within the limit."""
        return self.started + self.limit_s - max(1.0, 0.05 * self.limit_s)

    @property
    def mesh_ends(self) -> float:
        """Return when bodies that are left become gaps: a child that reads the model again, and the assembly, still
        have time then, but at most half of what was left when the meshing began. Infinite before that."""
        if self.mesh_began is None:
            return math.inf
        kept_s = self.mesh_began - self.started + ASSEMBLY_SHARE * self.limit_s
        return self.deadline - min(kept_s, (self.deadline - self.mesh_began) / 2)

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
    late: bool = False
    over: Excess | None = None


def run_pipeline(source: Path, folder: Path, site: SiteContext, watch: Watch) -> dict[str, Any]:
    """Import `source` into the empty `folder` and return result.json with tiles/, rows and footprints beside it.

    Raises Refusal with the cause, or Cancelled. A crash or a hang of the mesher costs the element that it was at;
    bodies that are left when the time for meshes is up become gaps.
    """
    killed: dict[int, str] = {}
    one_by_one, time_up = False, ""
    for number in range(1_000):
        _write_request(source, folder, site, watch, number, one_by_one, killed, time_up)
        attempt, status = _follow(source, folder, watch, number, bool(time_up))
        if attempt.refused is not None:
            raise Refusal(attempt.refused)
        if attempt.over is not None and not (attempt.over.of_element and attempt.stage == "mesh"):
            raise Refusal(attempt.over.sentence)
        if attempt.done and status == 0:
            return _finish(folder)
        if time.monotonic() >= watch.deadline:
            raise Refusal(_too_late(attempt, watch))
        if attempt.late:
            time_up = _time_up_reason(watch)
            continue
        cause = _cause(attempt, status, _log_of(folder, number))
        if attempt.stage != "mesh":
            if last_line(_log_of(folder, number)).startswith("MemoryError"):
                raise Refusal("The model needs more memory than an import may use.")
            raise Refusal(f"The file broke the reader in the stage {attempt.stage}: {cause}.")
        if one_by_one or attempt.at is not None:
            if attempt.at is None or attempt.at in killed:
                raise Refusal(f"The mesher broke before its first element: {cause}.")
            killed[attempt.at] = f"OpenCASCADE did not survive it: {cause}."
        one_by_one = True
        if time.monotonic() >= watch.mesh_ends:
            time_up = _time_up_reason(watch)
    raise Refusal("The mesher broke on more than 1,000 elements.")


def _write_request(
    source: Path, folder: Path, site: SiteContext, watch: Watch, number: int, one_by_one: bool, killed: dict[int, str],
    time_up: str,
) -> None:  # fmt: skip
    request = {
        "source": str(paths_inside(folder, source)[1]),
        "site": site.as_json(),
        "attempt": number,
        "one_by_one": one_by_one,
        "killed": killed,
        "time_up": time_up,
        "threads": min(2, os.cpu_count() or 1),
        "memory_bytes": watch.limits.memory_bytes,
        "cpu_s": int(watch.limit_s * 4) + 10,
        "large_from_bytes": watch.limits.large_from_bytes,
    }
    write_anew(folder / "request.json", json.dumps(request).encode())


def _log_of(folder: Path, number: int) -> Path:
    return folder / f"child-{number:03d}.log"


def _follow(source: Path, folder: Path, watch: Watch, number: int, time_up: bool) -> tuple[_Attempt, int]:
    """Run one child to its end, or kill it at the deadline, on silence in the mesher, when cancelled, or when the time
    for meshes ends (which is over for a child of `time_up`: it meshes nothing, and may be silent)."""
    attempt = _Attempt()
    process = start_child(folder, source, _log_of(folder, number), watch.limits)
    try:
        heard = counted = time.monotonic()
        for line in lines_of(process):
            now = time.monotonic()
            if now - counted >= COUNT_EVERY_S:
                counted = now
                attempt.over = excess(process.pid, folder, watch.limits)
                if attempt.over is not None:
                    break
            if line is not None:
                heard = now
                _note(attempt, line, watch)
            elif watch.is_cancelled():
                raise Cancelled
            if now >= watch.deadline:
                break
            if attempt.stage == "mesh" and not time_up and now >= watch.mesh_ends:
                attempt.late = True
                break
            if attempt.stage == "mesh" and not time_up and now - heard > watch.element_limit_s:
                attempt.hung = True
                break
    finally:
        kill_child(process)
    return attempt, process.returncode


def _note(attempt: _Attempt, line: bytes, watch: Watch) -> None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(fields, dict):
        return
    stage, part = fields.get("stage"), fields.get("part", 0)
    if "refused" in fields:
        attempt.refused = str(fields["refused"])[:2_000] or "The reader gave no reason."
    elif "done" in fields:
        attempt.done = True
    elif isinstance(fields.get("at"), int):
        attempt.at = fields["at"]
    elif isinstance(stage, str) and stage in _STAGES and isinstance(part, int | float) and 0 <= part <= 1:
        attempt.stage, attempt.part = stage, float(part)
        if stage == "mesh" and watch.mesh_began is None:
            watch.mesh_began = time.monotonic()
        watch.on_progress(_progress(attempt, watch))


def _progress(attempt: _Attempt, watch: Watch) -> Progress:
    low, high = _STAGES[attempt.stage]
    percent = low + (high - low) * min(max(attempt.part, 0.0), 1.0)
    elapsed = time.monotonic() - watch.started
    left = elapsed * (100 - percent) / percent if percent >= 15 else None
    return Progress(attempt.stage, round(percent, 1), None if left is None else round(left, 1))


def _cause(attempt: _Attempt, status: int, log: Path) -> str:
    if attempt.over is not None:
        return attempt.over.sentence.rstrip(".")
    if attempt.hung:
        return "it gave no sign of life within its time"
    number = -status if status < 0 else status - 128 if status > 128 else 0
    if number:
        try:
            return f"the process ended with {signal.Signals(number).name}"
        except ValueError:
            return f"the process ended with signal {number}"
    tail = last_line(log)
    return f"the process ended with status {status}" + (f" ({tail})" if tail else "")


def _time_up_reason(watch: Watch) -> str:
    """Return why a body is a gap that was not reached in time; its beginning says that it may yet be filled."""
    return TIME_UP.format(watch.mesh_ends - watch.started, watch.limit_s)


def _too_late(attempt: _Attempt, watch: Watch) -> str:
    return (
        f"The import was stopped at its limit of {watch.limit_s:g} s, in the stage {attempt.stage} "
        f"at {attempt.part * 100:.0f} %."
    )


def _finish(folder: Path) -> dict[str, Any]:
    result = read_result(folder)
    if (note := weakness()) is not None:
        result["warnings"].append(note)
    return result
