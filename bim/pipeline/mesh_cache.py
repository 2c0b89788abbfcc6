"""Meshes that outlive an import: each distinct shape once, in its element's own frame, for the model's next revision.

A file of frames (frames.py) whose key says shape, colours and engines' versions; the #id of its frames means nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bim.ifc.meshing_types import Mesh, Outcome

from .frames import StoredOutcome, read_frames, stored_outcomes, write_frame

EARLIER, CACHE, REUSED, NOTES = "earlier.meshes", "new.meshes", "mesh-reused.bin", "mesh-notes.json"


def cache_key(shape_key: str, look: str, engines: str) -> str:
    """Return the key of a mesh with its colours, empty for an element without a shape key."""
    return blake2b(f"{shape_key}|{look}|{engines}".encode(), digest_size=16).hexdigest() if shape_key else ""


def moved(mesh: Mesh, matrix: NDArray[np.float64]) -> Mesh:
    """Return the mesh with its corners moved by a 4 x 4 matrix."""
    return replace(mesh, vertices=mesh.vertices @ matrix[:3, :3].T + matrix[:3, 3])


def read_cache(path: Path, wanted: set[str]) -> dict[str, Outcome]:
    """Return the kept outcomes of the wanted keys, in their elements' own frames; none where there is no cache."""
    if not path.exists():
        return {}
    return {kept.shape_key: kept for kept in read_frames(path) if kept.mesh is not None and kept.shape_key in wanted}


def write_cache(path: Path, kept: Iterable[tuple[str, Outcome]]) -> None:
    """Write outcomes (meshes in their elements' own frames) under their cache keys."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for key, outcome in kept:
            write_frame(file, Outcome(0, outcome.mesh, "", outcome.engine, key))
    part.rename(path)


def lay_out(earlier: Path, folder: Path) -> None:
    """Copy an earlier revision's meshes into a work folder (a copy: what a child does to it harms nobody)."""
    if earlier.is_file():
        shutil.copyfile(earlier, folder / EARLIER)


def take_cache(folder: Path, target: Path) -> None:
    """Keep the work folder's meshes as a revision's."""
    if (folder / CACHE).is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / CACHE).rename(target)


def read_notes(folder: Path) -> list[str]:
    """Return what the mesh stage wants an importer to know."""
    path = folder / NOTES
    return [str(note) for note in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def count_meshes(folder: Path, outcomes: Iterable[StoredOutcome]) -> dict[str, int]:
    """Return how many elements' meshes are new and reused, and how many each engine made (also those reused)."""
    reused = set()
    if (folder / REUSED).exists():
        reused = {outcome.step_id for outcome in stored_outcomes(folder / REUSED)}
    made = [outcome for outcome in outcomes if outcome.has_mesh]
    return {
        "new": sum(outcome.step_id not in reused for outcome in made),
        "reused": sum(outcome.step_id in reused for outcome in made),
        "ifclite": sum(outcome.engine == "ifclite" for outcome in made),
        "opencascade": sum(outcome.engine == "opencascade" for outcome in made),
    }
