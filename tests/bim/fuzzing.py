"""Drive damaged files through the whole import and judge each: a true verdict, in time, nothing left of a refusal."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bim.models import Element, Model, Revision
from bim.operations import import_file
from bim.pipeline.limits import Limits
from bim.verdicts import Verdict
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.places.models import Building, Organisation, Site, Storey

from .authoring import Author, small_building
from .mutations import mutate

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
MAX_REAL_BYTES = 60_000
LIMIT_S, GRACE_S = 20.0, 60.0
TABLES: tuple[Any, ...] = (Model, Revision, Element, Act, Event, Building, Organisation, Site, Storey)

Importer = Callable[..., Verdict]


@dataclass(frozen=True)
class Judged:
    """One damaged file: what it got, and what is wrong with that (empty: nothing)."""

    number: int
    kind: str
    verdict: str
    seconds: float
    reason: str
    wrong: str


class TooLate(BaseException):
    """No verdict within the limit and its grace; no importer can catch it by mistake."""


def sources(folder: Path) -> list[bytes]:
    """Return the authored models and, where the shared data are there, the small real ones."""
    folder.mkdir(parents=True, exist_ok=True)
    small_building(folder / "building.ifc")
    author = Author("IFC2X3", unit="FOOT")
    for number in range(4):
        author.box("IfcWall", (number, 0, 0), (1, 1, 3), author.storey(f"Level {number}", number * 10))
    author.save(folder / "feet.ifc")
    real = [path for path in sorted(REAL.glob("*.ifc")) if 2_000 < path.stat().st_size < MAX_REAL_BYTES]
    return [path.read_bytes() for path in [folder / "building.ifc", folder / "feet.ifc", *real[:12]]]


def judge(
    number: int, kind: str, content: bytes, folder: Path, watched: list[Path], *, importer: Importer = import_file,
    limit_s: float = LIMIT_S, grace_s: float = GRACE_S,
) -> Judged:  # fmt: skip
    """Import one damaged file for a site of its own and say what came of it, and whether that keeps the promise.

    Every second one is read in the way of large files, in columns.
    """
    limits = Limits(large_from_bytes=0) if number % 2 else None
    path = folder / f"mutation-{number}.ifc"
    path.write_bytes(content)
    try:
        found, _ = judge_file(
            path, f"FUZZ-{number}", watched, importer=importer, limit_s=limit_s, grace_s=grace_s, number=number,
            kind=kind, limits=limits,
        )  # fmt: skip
    finally:
        path.unlink()
    return found


def judge_file(
    path: Path, site_code: str, watched: list[Path], *, importer: Importer = import_file, limit_s: float = LIMIT_S,
    grace_s: float = GRACE_S, number: int = 0, kind: str = "", limits: Limits | None = None,
) -> tuple[Judged, Verdict | None]:  # fmt: skip
    """Import a file and judge what came of it; the verdict is None where there was none."""
    before = _everything(watched)
    started = time.monotonic()
    given: Verdict | None = None
    try:
        with _alarm(limit_s + grace_s):
            given = importer(path=path, site_code=site_code, limit_s=limit_s, limits=limits)
        wrong = _fault(given, before, watched)
    except TooLate:
        wrong = f"no verdict within {limit_s + grace_s:g} s"
    except Exception as error:
        wrong = f"the importer raised {type(error).__name__}: {str(error)[:200]}"
    if below := _children():
        wrong = wrong or f"{len(below)} processes still run"
    verdict, reason = (given["verdict"], given["reason"] or "") if given else ("none", "")
    return Judged(number, kind, verdict, time.monotonic() - started, reason, wrong), given


def _fault(given: Verdict, before: tuple[dict[str, int], list[str]], watched: list[Path]) -> str:
    if given["verdict"] == "refused":
        if not given["reason"]:
            return "refused without a reason"
        if "Traceback" in given["reason"] or "error of ours" in given["reason"]:
            return f"the refusal is no sentence: {given['reason'][:200]}"
        return "" if _everything(watched) == before else "the refusal left something behind"
    if given["verdict"] not in ("imported", "imported_with_gaps"):
        return f"unknown verdict {given['verdict']}"
    if (given["verdict"] == "imported_with_gaps") != bool(given["gaps"]):
        return "the verdict and its gaps disagree"
    rows = Revision.objects.order_by("-created_at")[0].elements
    if (rows.count(), rows.filter(meshed=True).count()) != (given["elements"], given["meshed"]):
        return "the verdict and the rows disagree"
    return "" if Path(given["tileset"] or "").is_file() else "no tileset"


def _everything(watched: list[Path]) -> tuple[dict[str, int], list[str]]:
    counts = {table._meta.label: table._default_manager.count() for table in TABLES}
    return counts, [str(path) for folder in watched for path in sorted(folder.rglob("*"))]


def _children() -> list[int]:
    """Return the processes directly below this one that import models."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found += [int(entry.name)] if b"bim.pipeline" in (entry / "cmdline").read_bytes() else []
        except (OSError, IndexError):
            continue
    return found


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise TooLate

    earlier = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def run(count: int, seed: int, folder: Path, watched: list[Path]) -> Iterator[Judged]:
    """Yield the judgement of each mutation."""
    originals = sources(folder)
    for number in range(count):
        kind, content = mutate(originals, seed, number)
        yield judge(number, kind, content, folder, watched)


def planted_faults(folder: Path, watched: list[Path]) -> list[Judged]:
    """Judge importers with a fault each: every one must be found, or the proof proves nothing."""
    good = sources(folder)[0]
    litter = watched[0] / "left-behind"

    def raises(**_: Any) -> Verdict:
        raise KeyError("planted")

    def litters(**asked: Any) -> Verdict:
        litter.mkdir()
        asked["path"].write_bytes(b"")
        return import_file(**asked)

    def hangs(**_: Any) -> Verdict:
        with subprocess.Popen(["sleep", "600"]) as child:
            try:
                child.wait()
            finally:
                child.kill()
        raise AssertionError("unreachable")

    def lies(**asked: Any) -> Verdict:
        given = import_file(**asked)
        given["meshed"] += 1
        return given

    plants = {"raises": raises, "leaves a folder": litters, "hangs": hangs, "counts one too many": lies}
    found = []
    for place, (name, importer) in enumerate(plants.items()):
        limit_s, grace_s = (0.5, 0.5) if name == "hangs" else (LIMIT_S, GRACE_S)
        found.append(
            judge(900_000 + place, name, good, folder, watched, importer=importer, limit_s=limit_s, grace_s=grace_s)
        )
    litter.rmdir()
    return found
