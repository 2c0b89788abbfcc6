"""The mesh stage of the child: what the last revision has is reused, then the fast engine, then OpenCASCADE."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bim.ifc.bodies import Bodies
from bim.ifc.container import CheckedFile
from bim.ifc.element_frames import ElementFrames
from bim.ifc.meshers.ifclite import QUALITY, IfcLite
from bim.ifc.meshers.linear import LinearCheck, linear_placement_of
from bim.ifc.meshers.looks import Looks, Piece
from bim.ifc.meshers.opencascade import ANGULAR_DEFLECTION_RAD, LINEAR_DEFLECTION_M, OpenCascade
from bim.ifc.meshers.openings import Openings
from bim.ifc.meshers.routing import Router, fault_of_file
from bim.ifc.meshers.shape_key import ShapeKeys
from bim.ifc.meshing_types import Outcome
from bim.ifc.step_table import NotPlain, StepTable
from bim.ifc.units import length_unit_in_metres

from .frames import read_frames, write_copies, write_frame
from .mesh_cache import CACHE, EARLIER, NOTES, REUSED, cache_key, moved, read_cache, write_cache
from .unplaced import write_unplaced

Say = Callable[..., None]
FAST_LIMIT_S = 10.0
FAST_LIMIT_OF_MEGABYTE_S = 0.5
LAST_FAST_ATTEMPT = 1
UNJUDGED = "it cannot be judged"
ALIKE_FROM = 2_000
"""From so many bodies on keys come first, and the fast engine meshes each distinct shape once; below that the keys
would take longer than what they save, and are found while it is at work."""
COPIED_VERTICES = 200_000
"""So many vertices are copied from one element to others in one go."""
JUDGED_AT = 0.25
"""The part of the stage "read" that is over when bodies are judged."""


@dataclass(frozen=True)
class Wanted:
    """An element to mesh: how it looks, its frame (None without local placement), why it goes slow; its keys come
    later where nothing can be reused."""

    step_id: int
    pieces: tuple[Piece, ...]
    frame: NDArray[np.float64] | None
    slow: str
    shape_key: str = ""
    cache_key: str = ""


class MeshStage:
    """One attempt at the meshes of a model; earlier attempts' frames lie in the work folder and are kept."""

    def __init__(self, model: Any, checked: CheckedFile, folder: Path, request: dict[str, Any]) -> None:
        self.model, self.checked, self.folder, self.request = model, checked, folder, request
        self.slow_engine = OpenCascade(1.0, threads=request["threads"])
        self.done: set[int] = set()
        self.unit_m, _ = length_unit_in_metres(model)
        self.frames, self.bodies, self.openings = ElementFrames(self.unit_m), Bodies(), Openings(model)
        self.has_keys = False

    @cached_property
    def table(self) -> StepTable | None:
        """The columns of the file, None where its text is not plain."""
        try:
            return StepTable.of(self.checked.path.read_bytes())
        except NotPlain:
            return None

    def run(
        self,
        step_ids: list[int],
        killed: dict[int, str],
        say: Say,
        progress: Callable[[str, float], None],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """Mesh what no earlier attempt has: all at once on the first attempt, then one by one what was left out.

        `meanwhile` is done while the fast engine is at work in its own process.
        """
        self.done = set(killed)
        for path in self.folder.glob("mesh-*.bin"):
            self.done.update(outcome.step_id for outcome in read_frames(path))
        total = max(len(step_ids), 1)

        def tell() -> None:
            progress("mesh", len(self.done) / total)

        wanted = self._judge(step_ids, lambda: progress("read", JUDGED_AT))
        if (self.folder / EARLIER).exists() or len(wanted) >= ALIKE_FROM:
            self._find_keys(wanted)
        if not (self.folder / REUSED).exists():
            self._reuse(wanted)
        if self.request.get("time_up"):
            self._leave_out(step_ids, wanted)
        with (self.folder / f"mesh-{self.request['attempt']:03d}.bin").open("wb") as file:
            engine, alike = self._fast_engine(wanted)
            with engine.at_work():
                meanwhile()
                self._find_keys(wanted)
                del self.table  # which weighs twice as much as the file: nobody asks for it any more
                for outcome in engine.mesh_all(tell):
                    if wanted[outcome.step_id].slow != UNJUDGED:
                        self._keep_alike(file, outcome, alike.get(outcome.step_id, []), wanted)
            if not self.request["one_by_one"]:
                self._mesh_slow(wanted, file, tell)
            for step_id in step_ids:
                if step_id not in self.done:
                    say(at=step_id)
                    self._keep(file, self.slow_engine.mesh_one(self.model, step_id), wanted)
                    tell()
        self._write_cache(wanted)
        self._write_notes(wanted)

    def _judge(self, step_ids: list[int], tell: Callable[[], None]) -> dict[int, Wanted]:
        """Return what is wanted by #id, without its keys."""
        if len(step_ids) >= ALIKE_FROM and self.table is not None:
            self.frames.know(self.table)
        looks, router = Looks(), Router(self.bodies, self.frames, self.openings)
        unreadable = fault_of_file(self.checked)
        found: dict[int, Wanted] = {}
        for step_id in step_ids:
            try:
                product = self.model.by_id(step_id)
                pieces = tuple(looks.pieces(product, self.bodies.items(product)))
                slow = unreadable or router.slow_reason(product)
                found[step_id] = Wanted(step_id, pieces, self.frames.of(product), slow)
            except Exception:  # a record that is not as its schema says: OpenCASCADE will say what it makes of it
                found[step_id] = Wanted(step_id, (), None, UNJUDGED)
            tell()
        return found

    def _find_keys(self, wanted: dict[int, Wanted]) -> None:
        """Fill in the keys, once."""
        if self.has_keys:
            return
        self.has_keys = True
        products = {step_id: self.model.by_id(step_id) for step_id, want in wanted.items() if want.slow != UNJUDGED}
        engines = engine_versions()
        shapes = ShapeKeys(self.model, self.unit_m, self.frames, self.bodies, self.table, self.openings)
        keys = shapes.keys_of(products.values())
        for step_id, product in products.items():
            if step_id not in keys:
                wanted[step_id] = Wanted(step_id, (), None, UNJUDGED)
                continue
            want, key = wanted[step_id], keys[step_id]
            look = f"{product.is_a()}{[piece.colour for piece in want.pieces]}"
            kept_as = cache_key(key, look, engines)
            wanted[step_id] = Wanted(step_id, want.pieces, want.frame, want.slow, key, kept_as)

    def _reuse(self, wanted: dict[int, Wanted]) -> None:
        kept = read_cache(self.folder / EARLIER, {want.cache_key for want in wanted.values() if want.cache_key})
        part = self.folder / "reused.part"
        with part.open("wb") as file:
            for step_id, want in wanted.items():
                if step_id not in self.done and want.cache_key in kept:
                    write_frame(file, _copied(kept[want.cache_key], want))
                    self.done.add(step_id)
        part.rename(self.folder / REUSED)

    def _leave_out(self, step_ids: list[int], wanted: dict[int, Wanted]) -> None:
        """Make every body that is left a gap: the parent has said that the time for meshes is up."""
        with (self.folder / f"mesh-{self.request['attempt']:03d}-left-out.bin").open("wb") as file:
            for step_id in step_ids:
                if step_id not in self.done:
                    self._keep(file, Outcome(step_id, None, self.request["time_up"]), wanted)

    def _fast_engine(self, wanted: dict[int, Wanted]) -> tuple[IfcLite, dict[int, list[Wanted]]]:
        """Return the fast engine with orders for what it may mesh in this attempt, and by the #id of each order the
        elements of the same shape, which are not ordered."""
        megabytes = self.checked.path.stat().st_size / 1e6
        limit_s = self.request.get("fast_limit_s", FAST_LIMIT_S + FAST_LIMIT_OF_MEGABYTE_S * megabytes)
        engine = IfcLite(self.model, self.checked.path, self.folder, limit_s, self.openings)
        ordered: dict[str, int] = {}
        alike: dict[int, list[Wanted]] = {}
        for step_id, want in wanted.items() if self.request["attempt"] <= LAST_FAST_ATTEMPT else ():
            if step_id in self.done or want.slow or want.frame is None:
                continue
            if want.cache_key in ordered:
                alike.setdefault(ordered[want.cache_key], []).append(want)
                continue
            if want.cache_key:
                ordered[want.cache_key] = step_id
            engine.take(self.model.by_id(step_id), want.pieces, want.frame[:3, 3])
        return engine, alike

    def _mesh_slow(self, wanted: dict[int, Wanted], file: BinaryIO, tell: Callable[[], None]) -> None:
        """Mesh each distinct shape once with OpenCASCADE, and copy it to the elements that share it."""
        alike: dict[str, list[Wanted]] = {}
        for step_id, want in wanted.items():
            if step_id not in self.done:
                alike.setdefault(want.cache_key or f"#{step_id}", []).append(want)
        first = {group[0].step_id: group for group in alike.values()}
        for outcome in self.slow_engine.mesh_all(self.model, list(first)):
            group = first.get(outcome.step_id)
            if group is not None and outcome.step_id not in self.done:
                self._keep_alike(file, outcome, group[1:], wanted)
            tell()

    def _keep_alike(self, file: BinaryIO, outcome: Outcome, others: list[Wanted], wanted: dict[int, Wanted]) -> None:
        """Keep an outcome, and its mesh for the other elements of the same shape."""
        self._keep(file, outcome, wanted)
        frame = wanted[outcome.step_id].frame
        if others and outcome.mesh is not None and frame is not None:
            kept = replace(outcome, reason="", shape_key=wanted[outcome.step_id].shape_key)
            own = moved(outcome.mesh, _inverse(frame))
            at_once = max(1, COPIED_VERTICES // len(own.vertices))
            for start in range(0, len(others), at_once):
                group = others[start : start + at_once]
                frames = np.array([other.frame for other in group])
                vertices = own.vertices @ frames[:, :3, :3].swapaxes(1, 2) + frames[:, None, :3, 3]
                write_copies(file, kept, own, [other.step_id for other in group], vertices)
                self.done.update(other.step_id for other in group)
            file.flush()

    def _keep(self, file: BinaryIO, outcome: Outcome, wanted: dict[int, Wanted]) -> None:
        write_frame(file, replace(outcome, shape_key=wanted[outcome.step_id].shape_key))
        self.done.add(outcome.step_id)

    def _write_cache(self, wanted: dict[int, Wanted]) -> None:
        def kept() -> Any:
            written: set[str] = set()
            for path in sorted(self.folder.glob("mesh-*.bin")):
                for outcome in read_frames(path):
                    want = wanted.get(outcome.step_id)
                    if outcome.mesh is None or want is None or want.frame is None or not want.cache_key:
                        continue
                    if want.cache_key not in written:
                        written.add(want.cache_key)
                        yield want.cache_key, replace(outcome, mesh=moved(outcome.mesh, _inverse(want.frame)))

        write_cache(self.folder / CACHE, kept())

    def _write_notes(self, wanted: dict[int, Wanted]) -> None:
        """Say which elements on an alignment may stand in the wrong place: nothing else in the tiles would show it."""
        linear = {}
        for step_id, want in wanted.items():
            if want.frame is None and (place := linear_placement_of(self.model.by_id(step_id))) is not None:
                linear[step_id] = place
        notes = []
        if linear and self.checked.declared_schema != self.checked.schema:
            notes.append(
                f"{len(linear)} elements stand on an alignment in a file that was read as {self.checked.schema} "
                f"instead of {self.checked.declared_schema}: check their place."
            )
        if linear:
            check = LinearCheck(self.model, linear)
            for outcome in (outcome for path in self.folder.glob("mesh-*.bin") for outcome in read_frames(path)):
                if outcome.mesh is not None and outcome.step_id in linear:
                    check.look_at(outcome.step_id, outcome.mesh.vertices)
            notes += check.notes()
            write_unplaced(self.folder, check.unplaced)
        (self.folder / NOTES).write_text(json.dumps(notes, ensure_ascii=False), encoding="utf-8")


def _copied(own: Outcome, want: Wanted) -> Outcome:
    """Return an outcome in its own frame as that of another element of the same shape."""
    assert own.mesh is not None and want.frame is not None
    return Outcome(want.step_id, moved(own.mesh, want.frame), "", own.engine, want.shape_key)


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.inv(matrix).astype(np.float64)


@cache
def engine_versions() -> str:
    """Return what a kept mesh depends on besides its shape: the engines, their versions and their settings."""
    settings = f"{QUALITY} {LINEAR_DEFLECTION_M} {ANGULAR_DEFLECTION_RAD}"
    return f"ifclite-geom {version('ifclite-geom')}, ifcopenshell {version('ifcopenshell')}, {settings}"
