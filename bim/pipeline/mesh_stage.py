"""The mesh stage of the child: what the last revision has is reused, then the fast engine, then OpenCASCADE."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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
from bim.ifc.meshers.judging import UNJUDGED, Judged, ObjectJudge
from bim.ifc.meshers.linear import LinearCheck, linear_placement_of
from bim.ifc.meshers.opencascade import ANGULAR_DEFLECTION_RAD, LINEAR_DEFLECTION_M, OpenCascade
from bim.ifc.meshers.routing import fault_of_file
from bim.ifc.meshers.shape_key import OF_FILE, OF_MODEL, ShapeKeys, angle_unit
from bim.ifc.meshers.table_judge import TableJudge
from bim.ifc.meshing_types import Outcome
from bim.ifc.part_model import PartModel, holding
from bim.ifc.reading import elements_with_body, with_body
from bim.ifc.record_source import ModelSource
from bim.ifc.step_table import NotPlain, StepTable
from bim.ifc.step_values import Odd
from bim.ifc.table_source import TableSource, source_of
from bim.ifc.units import length_unit_in_metres

from .frames import read_frames, stored_outcomes, write_copies, write_frame
from .freed_memory import give_back_freed
from .mesh_cache import CACHE, EARLIER, NOTES, REUSED, cache_key, moved, read_cache, write_cache
from .unplaced import write_unplaced

Say = Callable[..., None]
FAST_LIMIT_S = 10.0
FAST_LIMIT_OF_MEGABYTE_S = 0.5
LAST_FAST_ATTEMPT = 1
ORDERED = "ordered.ifc"
"""What the fast engine reads of a large model: the bodies that it has to mesh."""
ALIKE_FROM = 2_000
"""From so many bodies on keys come first, and the fast engine meshes each distinct shape once; below that the keys
would take longer than what they save, and are found while it is at work."""
COPIED_VERTICES = 200_000
"""So many vertices are copied from one element to others in one go."""
JUDGED_AT = 0.25
"""The part of the stage "read" that is over when bodies are judged."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A body to mesh, and its keys; they come later where nothing can be reused."""

    body: Judged
    shape_key: str = ""
    cache_key: str = ""

    @property
    def step_id(self) -> int:
        return self.body.step_id

    @property
    def frame(self) -> NDArray[np.float64] | None:
        return self.body.frame


class MeshStage:
    """One attempt at the meshes of a model; earlier attempts' frames lie in the work folder and are kept."""

    def __init__(
        self,
        model: Any,
        checked: CheckedFile,
        folder: Path,
        request: dict[str, Any],
        table: StepTable | None = None,
        verdict: Callable[[], Any] = lambda: None,
    ) -> None:
        """`table` is of the file if it has been read already; `verdict` is waited for once bodies are judged."""
        self._given_table, self._verdict = table, verdict
        self.model, self.checked, self.folder, self.request = model, checked, folder, request
        self.slow_engine = OpenCascade(1.0, threads=request["threads"])
        self.done: set[int] = set()
        self.unit_m, _ = length_unit_in_metres(model)
        self.frames, self.bodies = ElementFrames(self.unit_m), Bodies()
        self.has_keys = False

    @cached_property
    def table(self) -> StepTable | None:
        """The columns of the file, None where its text is not plain."""
        if self._given_table is not None:
            return self._given_table
        try:
            return StepTable.of_file(self.checked.path)
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
            self.done.update(stored.step_id for stored in stored_outcomes(path))
        total = max(len(step_ids), 1)

        def tell() -> None:
            progress("mesh", len(self.done) / total)

        wanted = self._judge(step_ids, lambda: progress("read", JUDGED_AT))
        self._verdict()
        if (self.folder / EARLIER).exists() or len(wanted) >= ALIKE_FROM:
            self._find_keys(wanted)
        if not (self.folder / REUSED).exists():
            self._reuse(wanted)
        if self.request.get("time_up"):
            self._leave_out(step_ids, wanted)
        with (self.folder / f"mesh-{self.request['attempt']:03d}.bin").open("wb") as file:
            engine, alike = self._fast_engine(wanted)
            del self._table_judge
            with engine.at_work():
                meanwhile()
                self._find_keys(wanted)
                del self.table, self.source  # which weigh more than the file, and are done with
                for outcome in engine.mesh_all(tell):
                    if wanted[outcome.step_id].body.slow != UNJUDGED:
                        self._keep_alike(file, outcome, alike.get(outcome.step_id, []), wanted)
            if not self.request["one_by_one"]:
                self._mesh_slow(wanted, file, tell)
            left = [step_id for step_id in step_ids if step_id not in self.done]
            model = holding(self.model, left)
            for step_id in left:
                say(at=step_id)
                self._keep(file, self.slow_engine.mesh_one(model, step_id), wanted)
                tell()
        self._write_cache(wanted)
        self._write_notes(wanted)

    @cached_property
    def source(self) -> ModelSource:
        """Where elements are read from: the table where there is one already, or where the model is large."""
        large = self._given_table is not None or len(self.model.by_type("IfcElement")) >= ALIKE_FROM
        return source_of(self.model, self.frames, self.table if large else None)

    @cached_property
    def _table_judge(self) -> TableJudge | None:
        source = self.source
        return TableJudge(self.model, source.records, self.frames, source) if isinstance(source, TableSource) else None

    def elements_with_body(self) -> list[int]:
        """Return the #ids of the elements and spatial elements that are to be meshed, in rising order."""
        judge = self._table_judge
        if judge is None:
            return elements_with_body(self.model, self.bodies)
        give_back_freed()  # the fork that opens the whole file still needs the most that it will
        self.bodies.note({step_id: bool(body.items) for step_id, body in judge.found.items()})
        odd = holding(self.model, judge.odd)
        return sorted(judge.with_body() + with_body([odd.by_id(step_id) for step_id in judge.odd], self.bodies))

    def _judge(self, step_ids: list[int], tell: Callable[[], None]) -> dict[int, Wanted]:
        """Return what is wanted by #id, without its keys."""
        unreadable = fault_of_file(self.checked)
        bodies = {}
        for body in self._judged(step_ids):
            slow = body.slow if body.slow == UNJUDGED else unreadable or body.slow
            bodies[body.step_id] = Wanted(body if slow == body.slow else replace(body, slow=slow))
            tell()
        return {step_id: bodies[step_id] for step_id in step_ids}

    def _judged(self, step_ids: list[int]) -> Iterator[Judged]:
        """Yield what is known of bodies: from the table of a large model, and from objects what is odd there."""
        odd, by_table = step_ids, self._table_judge
        if by_table is not None:
            odd = []
            for step_id in step_ids:
                try:
                    yield by_table.judge(step_id)
                except Odd:
                    odd.append(step_id)
        model = holding(self.model, odd)
        judge = ObjectJudge(model, self.frames, self.bodies)
        yield from (judge.judge(model.by_id(step_id)) for step_id in odd)

    def _find_keys(self, wanted: dict[int, Wanted]) -> None:
        """Fill in the keys, once."""
        if self.has_keys:
            return
        self.has_keys = True
        bodies = [want.body for want in wanted.values() if want.body.slow != UNJUDGED]
        engines = engine_versions()
        for step_id, key in self._keys_of(bodies).items():
            body = wanted[step_id].body
            look = f"{body.ifc_class}{[piece.colour for piece in body.pieces]}"
            wanted[step_id] = Wanted(body, key, cache_key(key, look, engines))

    def _keys_of(self, bodies: list[Judged]) -> dict[int, str]:
        """Return shape keys by #id, none where neither the file nor IfcOpenShell gives a text to make them from."""
        try:
            table, kind = self.table, OF_FILE
            if table is None:
                table, kind = StepTable.of(self.model.to_string().encode()), OF_MODEL
        except NotPlain:
            return {}
        return ShapeKeys(table, kind, self.unit_m, angle_unit(self.model)).keys_of(bodies)

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
        engine = IfcLite(self.checked.path, self.folder, limit_s, self._greatest_id)
        ordered: dict[str, int] = {}
        alike: dict[int, list[Wanted]] = {}
        for step_id, want in wanted.items() if self.request["attempt"] <= LAST_FAST_ATTEMPT else ():
            if step_id in self.done or want.body.slow or want.frame is None:
                continue
            if want.cache_key in ordered:
                alike.setdefault(ordered[want.cache_key], []).append(want)
                continue
            if want.cache_key:
                ordered[want.cache_key] = step_id
            engine.take(want.body, want.frame[:3, 3])
        if isinstance(self.model, PartModel) and engine.orders:
            engine.path = self.folder / ORDERED
            self.model.write_shapes(engine.orders, engine.path)
        return engine, alike

    def _greatest_id(self) -> int:
        table = self._given_table
        return max(self.model.entity_names(), default=0) if table is None else int(table.ids.max(initial=0))

    def _mesh_slow(self, wanted: dict[int, Wanted], file: BinaryIO, tell: Callable[[], None]) -> None:
        """Mesh each distinct shape once with OpenCASCADE, and copy it to the elements that share it."""
        alike: dict[str, list[Wanted]] = {}
        for step_id, want in wanted.items():
            if step_id not in self.done:
                alike.setdefault(want.cache_key or f"#{step_id}", []).append(want)
        first = {group[0].step_id: group for group in alike.values()}
        for outcome in self.slow_engine.mesh_all(holding(self.model, first), list(first)):
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
                for stored in stored_outcomes(path):
                    want = wanted.get(stored.step_id)
                    if want is None or want.frame is None or not want.cache_key or want.cache_key in written:
                        continue
                    if (mesh := stored.mesh) is not None:
                        written.add(want.cache_key)
                        own = moved(mesh, _inverse(want.frame))
                        yield (
                            want.cache_key,
                            Outcome(stored.step_id, own, stored.reason, stored.engine, stored.shape_key),
                        )

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
