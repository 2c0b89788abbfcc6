"""Our whole import (check, rows, property sets, footprints, tiles, commit) against IfcOpenShell's GLB serializer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .harness import Row, compare, seconds_of

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
ROOT = Path(__file__).resolve().parents[2]
MODELS = (
    "ThatOpen_engine_web-ifc__AC20-FZK-Haus.ifc",
    "stijngoedertier_georeference-ifc__Duplex_A_20110907_georeferenced.ifc",
    "ThatOpen_engine_web-ifc__Office_A_20110811.ifc",
)
PAIRS = 3
GOAL = 1.5  # one engine: the mesher's time is the peer's own; the next issue's fast engine brings it to 0.2


def rows() -> Iterator[Row]:
    """Yield one row per real model; nothing where the shared data is not there (said on standard error)."""
    if not OPEN.is_dir():
        print(f"import: not measured, {OPEN} does not exist.", file=sys.stderr)
        return
    for model in MODELS:
        yield _row(OPEN / model)


def _row(path: Path) -> Row:
    from bim.operations import import_file

    number = iter(range(1_000))

    def ours() -> float:
        verdicts = []
        seconds = seconds_of(
            lambda: verdicts.append(
                import_file(path=path, site_code=f"BENCH-{abs(hash(path.name)) % 10_000}-{next(number)}")
            )
        )
        if verdicts[0]["verdict"] == "refused":
            raise RuntimeError(f"{path.name} was refused: {verdicts[0]['reason']}")
        return seconds

    def peer() -> float:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "peer.glb"
            command = [sys.executable, "-m", "tests.benchmarks.peer_glb", str(path), str(target)]
            seconds = seconds_of(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True))
            if not target.stat().st_size:
                raise RuntimeError("The peer wrote nothing.")
            return seconds

    return compare(
        name=f"import {path.stem.rpartition('__')[2]}",
        unit="s",
        ours=ours,
        peer=peer,
        peer_name="IfcOpenShell GLB serializer (OpenCASCADE), geometry only",
        pairs=PAIRS,
        goal=GOAL,
    )
