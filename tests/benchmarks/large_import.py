"""A merged model of about 100 MB and 67,000 products: time, property sets, tile bytes, peak memory."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from .contestants import FRAGMENTS, ROOT, Failed, Run, fragments, ours
from .harness import Row, Unmeasured, row_of
from .ifc_import import OPEN, TILES_TO_FRAG, size_rows, time_rows
from .merged_model import Merged, read_source, write_merged

RECIPE = {
    "ThatOpen_engine_web-ifc__ISSUE_021_Mini_Project.ifc": 16,
    "meannnph_meannnph.github.io__04.ifc": 7,
    "andrewisen_bim-whale-ifc-samples__LargeBuilding.ifc": 5,
    "andrewisen_bim-whale-ifc-samples__TallBuilding.ifc": 12,
    "ThatOpen_engine_web-ifc__example.ifc": 6,
    "xBimTeam_XbimExchange__Standard_Classroom_CIC_6_Project_mod2.ifc": 1,
}
SEED = 1
PRODUCTS = 67_057
PAIRS = 3
AGAINST_FRAGMENTS, PROPERTY_SETS, MEMORY = 0.5, 0.33, 10.0
FIRST_PICTURE_KB = 2_000.0
KEPT = ROOT / "var" / "benchmarks"


def rows(pairs: int = PAIRS) -> Iterator[Row | Unmeasured]:
    """Yield the rows of the large model; nothing where the shared data is not there (said on standard error)."""
    if not OPEN.is_dir():
        print(f"large: not measured, {OPEN} does not exist.", file=sys.stderr)
        return
    path, merged = large_model()
    name = f"merged model ({merged.file_bytes / 1e6:.0f} MB, {merged.products} products, {merged.copies} copies)"
    yield _property_row(path, name, merged, pairs)
    mine: list[Run] = []
    peers: list[Run] = []
    try:
        for _ in range(pairs):
            mine.append(ours(path))
            peers.append(fragments(path))
    except Failed as failure:
        yield Unmeasured(f"import {name}", str(failure))
        return
    yield from time_rows(name, mine, peers, FRAGMENTS, AGAINST_FRAGMENTS)
    yield from size_rows(name, mine[0].size, peers[0].size, FRAGMENTS, TILES_TO_FRAG)
    picture = [(run.first_picture / 1e3, FIRST_PICTURE_KB) for run in mine[:1]]
    title = f"tree and topmost tiles, sent, {name}"
    yield row_of(name=title, unit="kB", measured=picture, peer_name="the limit of the first picture", goal=1.0)
    memory = [(run.peak_bytes / 1e6, merged.file_bytes / 1e6) for run in mine]
    title = f"peak memory above idle, {name}"
    yield row_of(name=title, unit="MB", measured=memory, peer_name="the file's size", goal=MEMORY)
    against = [(a, b.peak_bytes / 1e6) for (a, _), b in zip(memory, peers, strict=True)]
    yield row_of(name=title, unit="MB", measured=against, peer_name=f"{FRAGMENTS}, its whole process")


def large_model() -> tuple[Path, Merged]:
    """Return the merged model and its counts; built once into var/benchmarks, anew when a source or the way changes."""
    here = Path(__file__).parent
    digest = hashlib.sha256(json.dumps([RECIPE, SEED]).encode())
    for path in (*(OPEN / name for name in RECIPE), here / "merged_model.py", here / "step_text.py"):
        digest.update(path.read_bytes())
    target = KEPT / f"merged-{digest.hexdigest()[:16]}.ifc"
    counts = target.with_suffix(".json")
    if target.exists() and counts.exists():
        return target, Merged(**json.loads(counts.read_text(encoding="utf-8")))
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("merged-*"):
        old.unlink()
    copies = [source for name, times in RECIPE.items() for source in [read_source(OPEN / name)] * times]
    merged = write_merged(target, copies, SEED)
    if merged.products != PRODUCTS:
        raise RuntimeError(f"The merged model has {merged.products} products and not {PRODUCTS}.")
    counts.write_text(json.dumps(asdict(merged)), encoding="utf-8")
    return target, merged


def _property_row(path: Path, name: str, merged: Merged, pairs: int) -> Row | Unmeasured:
    title = f"property sets, {name}"
    line = [sys.executable, "-m", "tests.benchmarks.property_sets", str(path), str(pairs)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        return Unmeasured(title, (done.stderr.strip().splitlines() or ["no words"])[-1])
    found = json.loads(done.stdout.splitlines()[-1])
    if (found["products"], found["distinct"], found["rooted"]) != (merged.products, merged.rooted, merged.rooted):
        return Unmeasured(title, f"the merged model does not hold what was written: {found}")
    mine, peers = found["with_sets"]
    if mine != peers:
        return Unmeasured(title, f"{mine} elements have property sets in our pass, {peers} by get_psets")
    peer = "ifcopenshell.util.element.get_psets per element"
    return row_of(name=title, unit="s", measured=found["pairs"], peer_name=peer, goal=PROPERTY_SETS)
