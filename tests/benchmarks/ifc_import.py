"""Our whole import (check, rows, property sets, footprints, tiles, commit) of small real models against two peers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .contestants import FRAGMENTS, SERIALIZER, Failed, Run, Size, fragments, ours, serializer
from .harness import Row, Unmeasured, row_of

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
MODELS = {
    "ThatOpen_engine_web-ifc__AC20-FZK-Haus.ifc": "ArchiCAD",
    "stijngoedertier_georeference-ifc__Duplex_A_20110907_georeferenced.ifc": "Revit 2011",
    "ThatOpen_engine_web-ifc__Office_A_20110811.ifc": "Revit 2011",
    "meannnph_meannnph.github.io__04.ifc": "Revit 2016, Chinese",
    "ThatOpen_engine_web-ifc__ISSUE_021_Mini_Project.ifc": "Tekla",
    "xBimTeam_XbimEssentials__SampleHouse4.ifc": "Revit 2015",
    "xBimTeam_XbimEssentials__House.ifc": "Renga",
    "yorikvanhavre_barcelona-pavillion__Pabellon_de_Barcelona.ifc": "FreeCAD",
    "opensourceBIM_TestFiles__vectorworks_unicode.ifc": "Vectorworks",
}
PAIRS = 3
AGAINST_FRAGMENTS, AGAINST_SERIALIZER = 1.0, 0.2
TILES_TO_GLB, TILES_TO_FRAG = 0.5, 1.0
Rows = Iterator[Row | Unmeasured]


def rows(pairs: int = PAIRS) -> Rows:
    """Yield the rows of each real model; nothing where the shared data is not there (said on standard error)."""
    if not OPEN.is_dir():
        print(f"import: not measured, {OPEN} does not exist.", file=sys.stderr)
        return
    smallest = min((OPEN / model for model in MODELS), key=lambda path: path.stat().st_size)
    for contestant in (ours, fragments, serializer):
        contestant(smallest)  # once unmeasured: programs and libraries come from the disk
    for model, tool in MODELS.items():
        yield from _rows_of(OPEN / model, f"{model.removesuffix('.ifc').rpartition('__')[2]} ({tool})", pairs)


def _rows_of(path: Path, name: str, pairs: int) -> Rows:
    mine: list[Run] = []
    peers: dict[str, list[Run]] = {FRAGMENTS: [], SERIALIZER: []}
    failed: dict[str, str] = {}
    for _ in range(pairs):
        try:
            mine.append(ours(path))
        except Failed as failure:
            yield Unmeasured(f"import {name}", str(failure))
            return
        for peer, run in ((FRAGMENTS, fragments), (SERIALIZER, serializer)):
            try:
                if peer not in failed:
                    peers[peer].append(run(path))
            except Failed as failure:
                failed[peer] = str(failure)
    goals = {FRAGMENTS: (AGAINST_FRAGMENTS, TILES_TO_FRAG), SERIALIZER: (AGAINST_SERIALIZER, TILES_TO_GLB)}
    for peer, runs in peers.items():
        if peer in failed:
            yield Unmeasured(f"import {name} against {peer}", failed[peer])
            continue
        of_time, of_size = goals[peer]
        yield from time_rows(name, mine, runs, peer, of_time)
        yield from size_rows(name, mine[0].size, runs[0].size, peer, of_size)


def time_rows(name: str, mine: list[Run], runs: list[Run], peer: str, goal: float) -> Rows:
    """Yield wall-clock seconds with their goal, and processor seconds, which a busy machine changes less."""
    pairs = list(zip(mine, runs, strict=True))
    waited = [(a.seconds, b.seconds) for a, b in pairs]
    spent = [(a.cpu_s, b.cpu_s) for a, b in pairs]
    yield row_of(name=f"import {name}", unit="s", measured=waited, peer_name=peer, goal=goal)
    yield row_of(name=f"processor, import {name}", unit="s", measured=spent, peer_name=peer)


def size_rows(name: str, tiles: Size, other: Size, peer: str, goal: float) -> Rows:
    """Yield tile bytes against a peer's: both as sent, then both before any general compression."""
    kind = ".frag" if peer == FRAGMENTS else "GLB"
    ways = (
        ("sent", tiles.sent, other.sent, "as its writer deflates it" if kind == ".frag" else "gzip"),
        ("plain", tiles.plain, other.plain, "inflated" if kind == ".frag" else "as written"),
    )
    for way, a, b, how in ways:
        measured = [(a / 1e3, b / 1e3)]
        peer_name = f"{kind} of {peer}, {how}"
        yield row_of(name=f"tile bytes, {way}, {name}", unit="kB", measured=measured, peer_name=peer_name, goal=goal)
