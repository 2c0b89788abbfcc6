"""One run of each contestant on one file: our whole import, fragments' importer, IfcOpenShell's GLB serializer.

Each starts a process of its own and its start counts: our import runs in a child process, as the peers do here.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tools.node import command

from .process_tree import ProcessTree

ROOT = Path(__file__).resolve().parents[2]
GZIP_LEVEL = 5  # the level at which tiles are sent (webmap/pages/tiles.py)
LIMIT_S = 1_800.0
FRAGMENTS, SERIALIZER = "@thatopen/fragments", "IfcOpenShell GLB serializer"
_sites = itertools.count(1)


@dataclass(frozen=True)
class Size:
    """Bytes of what was written: plain (before any general compression) and as sent to a viewer."""

    plain: int
    sent: int


@dataclass(frozen=True)
class Run:
    """One run: wall-clock and processor seconds, what was written, peak memory (ours above idle), our verdict.

    What the database server spends and holds is not in ours.
    """

    seconds: float
    cpu_s: float
    size: Size
    peak_bytes: int
    verdict: dict[str, Any] | None = None
    first_picture: int = 0


class Failed(Exception):
    """A contestant could not take the file; the text is its last words."""


def ours(path: Path) -> Run:
    """Import a file into a site of its own, without earlier meshes: rows, property sets and tiles committed."""
    from bim.operations import import_file

    code = f"BENCH-{os.getpid()}-{next(_sites)}"
    with ProcessTree() as watch:
        started = time.perf_counter()
        verdict = import_file(path=path, site_code=code, limit_s=LIMIT_S)
        seconds = time.perf_counter() - started
    if verdict["verdict"] == "refused" or verdict["tileset"] is None:
        raise Failed(f"our import refused it: {verdict['reason']}")
    folder = Path(verdict["tileset"]).parent
    size, first = tiles_size(folder), first_picture_bytes(folder)
    return Run(seconds, watch.cpu_s, size, watch.above_idle_bytes, dict(verdict), first)


def tiles_size(folder: Path) -> Size:
    """Return the bytes of a tileset: its files as they lie there, and each as the site sends it."""
    files = [path for path in folder.iterdir() if path.is_file()]
    return Size(sum(path.stat().st_size for path in files), sum(sent_bytes(path) for path in files))


def sent_bytes(path: Path) -> int:
    """Return the bytes of a file as the site sends it."""
    content = path.read_bytes()
    return min(len(content), len(gzip.compress(content, GZIP_LEVEL)))


def first_picture_bytes(folder: Path) -> int:
    """Return the bytes sent until the whole model is first seen, coarse: the tree and its topmost contents."""
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    wanted, total = [tileset["root"]], sent_bytes(folder / "tileset.json")
    while wanted:
        tile = wanted.pop()
        if "content" in tile:
            total += sent_bytes(folder / tile["content"]["uri"])
        else:
            wanted += tile.get("children", ())
    return total


def fragments(path: Path) -> Run:
    """Import a file with @thatopen/fragments in Node. A .frag file is deflated by its writer, and sent as it is."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "peer.frag"
        took = _run(command("import_fragments.mjs", str(path), str(target)), target)
        content = target.read_bytes()
    size = Size(len(zlib.decompress(content)), len(content))
    return Run(took["seconds"], took["cpu_s"], size, took["peak_bytes"])


def serializer(path: Path) -> Run:
    """Write a file as one GLB with IfcOpenShell and OpenCASCADE: geometry only."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "peer.glb"
        took = _run([sys.executable, "-m", "tests.benchmarks.peer_glb", str(path), str(target)], target)
        content = target.read_bytes()
    size = Size(len(content), len(gzip.compress(content, GZIP_LEVEL)))
    return Run(took["seconds"], took["cpu_s"], size, took["peak_bytes"])


def _run(line: Sequence[str], target: Path) -> dict[str, Any]:
    """Run a peer from a small process of its own and return what it took; raise Failed where it wrote nothing."""
    took = target.with_suffix(".took")
    launcher = [sys.executable, str(Path(__file__).with_name("measured_child.py")), str(took)]
    said = subprocess.run(
        [*launcher, *line], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout.decode(errors="replace")
    measured: dict[str, Any] = json.loads(took.read_text()) if took.exists() else {"exit_code": "no measurement"}
    if measured["exit_code"] != 0 or not target.exists() or not target.stat().st_size:
        words = said.strip().splitlines()
        raise Failed(f"{line[-3]} ended with {measured['exit_code']}: {words[-1] if words else 'no words'}")
    return measured
