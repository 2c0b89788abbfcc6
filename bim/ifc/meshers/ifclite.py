"""The fast engine: ifclite-geom (Rust) in a process of its own, killed when it gives no answer within its time.

It gives one mesh and one colour per element. An element of several colours is therefore meshed in pieces: for each
colour a record is added to the copy of the file that the engine reads, with the same placement and openings and only
the items of that colour.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import ifcopenshell.guid
import numpy as np
from numpy.typing import NDArray

from ..class_colours import class_colour
from ..meshing_types import Mesh, Outcome
from .doubled_faces import has_doubled_faces
from .judging import Judged
from .looks import Colour, Piece
from .port import IFCLITE, fault_of_mesh

MAX_SPACING_M = 1e-3
QUALITY = "high"
POLL_S = 0.05
MAX_RUNS = 12
RUN_OF_ELEMENTS = 16_000
"""A large model is meshed in runs: one that hangs or is late costs its own elements, not all."""
_ROOT = Path(__file__).resolve().parents[3]

Triangles = tuple[NDArray[np.float64], NDArray[np.int32]]


@dataclass
class Order:
    """One element for the fast engine: its class, its own origin (project metres), and its pieces by colour.

    `cut` is true for a body of one item that openings cut: no two parts of it may lie on one another (R5).
    """

    step_id: int
    ifc_class: str
    origin_m: NDArray[np.float64]
    pieces: dict[Colour | None, list[int]] = field(default_factory=dict)  # colour -> #id to mesh
    cut: bool = False


@dataclass
class Answer:
    """What a run gave: meshes by #id, and the origin (metres) that its 32 bits are counted from."""

    meshes: dict[int, Triangles]
    origin_m: NDArray[np.float64]


class IfcLite:
    """Takes orders for one model, then meshes them all at once."""

    def __init__(self, path: Path, work_dir: Path, limit_s: float, greatest_id: Callable[[], int]) -> None:
        """`greatest_id` tells the greatest #id of the file; it is asked where records must be added."""
        self.path, self.work_dir, self.limit_s = path, work_dir, limit_s
        self.orders: dict[int, Order] = {}
        self.unanswered = 0
        self._extra: list[str] = []
        self._greatest_id, self._next_id = greatest_id, 0
        self._first: Future[Answer | None] | None = None
        self._given_up = False

    def take(self, body: Judged, origin_m: NDArray[np.float64]) -> None:
        """Note an element; one of several colours in pieces."""
        order = Order(body.step_id, body.ifc_class, origin_m, cut=len(body.pieces) == 1 and bool(body.openings))
        by_colour: dict[Colour | None, list[Piece]] = {}
        for piece in body.pieces:
            by_colour.setdefault(piece.colour, []).append(piece)
        if len(by_colour) == 1:
            order.pieces[next(iter(by_colour))] = [order.step_id]
        else:
            for colour, parts in by_colour.items():
                order.pieces[colour] = [self._add_part(body, parts)]
        self.orders[order.step_id] = order

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Mesh all orders in the engine's own process while the body of the `with` does something else."""
        with ThreadPoolExecutor(1) as thread:
            if self.orders:
                self._first = thread.submit(self._run, self._runs()[-1], 0, self.limit_s, self._stop)
            try:
                yield
            except BaseException:
                self._given_up = True
                raise

    def _runs(self) -> list[list[Order]]:
        """Return the orders in runs, the first last."""
        orders = list(self.orders.values())
        starts = range(0, len(orders), RUN_OF_ELEMENTS)
        return [orders[start : start + RUN_OF_ELEMENTS] for start in reversed(starts)]

    def _stop(self) -> None:
        if self._given_up:
            raise InterruptedError("nobody waits for these meshes any more")

    def mesh_all(self, on_wait: Callable[[], None] = lambda: None) -> Iterator[Outcome]:
        """Yield the outcomes that can be relied on; what is left out is for OpenCASCADE.

        A run that crashes or does not answer is killed and its elements are halved, until the time or the runs are up.
        """
        waiting = self._runs()
        most, runs, lost_s = len(waiting) - 1 + MAX_RUNS, 0, 0.0
        while waiting:
            orders = waiting.pop()
            left_s = 3 * self.limit_s - lost_s
            if runs >= most or left_s <= 0:
                self.unanswered += len(orders)
                continue
            started = time.monotonic()
            answer = self._answer(orders, runs, min(self.limit_s, left_s), on_wait)
            runs += 1
            lost_s += time.monotonic() - started if answer is None else 0.0
            if answer is not None:
                yield from (made for order in orders if (made := _outcome(order, answer)) is not None)
            elif len(orders) == 1:
                self.unanswered += 1
            else:
                middle = len(orders) // 2
                waiting += [orders[:middle], orders[middle:]]

    def _answer(self, orders: list[Order], number: int, limit_s: float, on_wait: Callable[[], None]) -> Answer | None:
        """Return the answer of the run that is at work already, else of a new one."""
        if self._first is None:
            return self._run(orders, number, limit_s, on_wait)
        first, self._first = self._first, None
        while not wait([first], POLL_S).done:
            on_wait()
        return first.result()

    def _run(self, orders: list[Order], number: int, limit_s: float, on_wait: Callable[[], None]) -> Answer | None:
        ids = sorted({step_id for order in orders for parts in order.pieces.values() for step_id in parts})
        request, out = self.work_dir / f"ifclite-{number:02d}.json", self.work_dir / f"ifclite-{number:02d}.meshes"
        fields = {
            "model": str(self.path), "extra": "".join(self._extra), "ids": ids, "out": str(out), "quality": QUALITY,
        }  # fmt: skip
        request.write_text(json.dumps(fields), encoding="utf-8")
        command = [sys.executable, "-s", "-P", "-m", "bim.ifc.meshers.ifclite_process", str(request)]
        try:
            if not _finishes(command, limit_s, on_wait):
                return None
            return _read_answer(out)
        finally:
            request.unlink(missing_ok=True)
            out.unlink(missing_ok=True)

    def _add_part(self, body: Judged, pieces: Sequence[Piece]) -> int:
        """Add a product with these items only, voided by the same openings, and return its #id."""
        context = "$" if body.context is None else f"#{body.context}"
        items, mapped = [], False
        for piece in pieces:
            item = piece.item
            for origin, target in reversed(piece.mapped_by):
                shape = self._add(f"IFCSHAPEREPRESENTATION({context},'Body','{_kind(mapped)}',(#{item}))")
                source = self._add(f"IFCREPRESENTATIONMAP(#{origin},#{shape})")
                item = self._add(f"IFCMAPPEDITEM(#{source},#{target})")
                mapped = True
            items.append(item)
        listed = ",".join(f"#{item}" for item in items)
        shape = self._add(f"IFCSHAPEREPRESENTATION({context},'Body','{_kind(mapped)}',({listed}))")
        whole = self._add(f"IFCPRODUCTDEFINITIONSHAPE($,$,(#{shape}))")
        place = "$" if body.placement is None else f"#{body.placement}"
        part = self._add(f"IFCBUILDINGELEMENTPROXY('{ifcopenshell.guid.new()}',$,$,$,$,{place},#{whole},$,$)")
        for opening in body.openings:
            self._add(f"IFCRELVOIDSELEMENT('{ifcopenshell.guid.new()}',$,$,$,#{part},#{opening.step_id})")
        return part

    def _add(self, record: str) -> int:
        number = self._next_id or self._greatest_id() + 1
        self._next_id = number + 1
        self._extra.append(f"#{number}={record};\n")
        return number


def _kind(mapped: bool) -> str:
    return "MappedRepresentation" if mapped else "SolidModel"


def _finishes(command: list[str], limit_s: float, on_wait: Callable[[], None]) -> bool:
    """Run a command to its end and say whether it ended well.

    It is killed where it has used `limit_s` of every processor, or has done nothing for that long: a machine that is
    busy with something else makes it late, and is no reason to throw its work away.
    """
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    started = at_work = time.monotonic()
    used_s, most_s = 0.0, limit_s * (os.cpu_count() or 1)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)  # it says nothing; its end closes the pipe
            while used_s < most_s and time.monotonic() - at_work < limit_s:
                if selector.select(min(POLL_S, limit_s)):
                    return process.wait(limit_s) == 0
                on_wait()
                now_used_s = _processor_s(process.pid, started)
                if now_used_s > used_s:
                    used_s, at_work = now_used_s, time.monotonic()
        return False
    except subprocess.TimeoutExpired:
        return False
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _processor_s(pid: int, started: float) -> float:
    """Return the processor time that a process has used; where it cannot be known, the time since it was started."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.monotonic() - started


def _read_answer(path: Path) -> Answer:
    """Return what ifclite_process.py wrote; its arrays are views of the file's bytes."""
    content = path.read_bytes()
    count = int(np.frombuffer(content, "<i8", 1)[0])
    origin = np.frombuffer(content, "<f8", 3, 8)
    ids, vertex_counts, face_counts = np.frombuffer(content, "<i8", 3 * count, 32).reshape(3, count)
    start = 32 + 24 * count
    vertices = np.frombuffer(content, "<f8", 3 * int(vertex_counts.sum()), start).reshape(-1, 3)
    faces = np.frombuffer(content, "<i4", 3 * int(face_counts.sum()), start + vertices.nbytes).reshape(-1, 3)
    ends_v, ends_f = np.cumsum(vertex_counts), np.cumsum(face_counts)
    meshes = {
        step_id: (vertices[end_v - count_v : end_v], faces[end_f - count_f : end_f])
        for step_id, count_v, count_f, end_v, end_f in zip(
            *(column.tolist() for column in (ids, vertex_counts, face_counts, ends_v, ends_f)), strict=True
        )
    }
    return Answer(meshes, origin)


def _outcome(order: Order, answer: Answer) -> Outcome | None:
    """Return the outcome of an order whose every piece has a sound mesh (R1, R5) near its origin (R6), else None."""
    vertices: list[NDArray[np.float64]] = []
    faces: list[NDArray[np.int32]] = []
    colours: list[Colour] = []
    face_colour: list[NDArray[np.int32]] = []
    count = 0
    for colour, parts in order.pieces.items():
        for step_id in parts:
            if step_id not in answer.meshes:
                return None
            points, corners = answer.meshes[step_id]
            if fault_of_mesh(points, corners) or _too_far(points, answer.origin_m, order.origin_m):
                return None
            if order.cut and has_doubled_faces(points, corners):
                return None
            vertices.append(points)
            faces.append(corners + count)
            face_colour.append(np.full(len(corners), len(colours), dtype=np.int32))
            count += len(points)
        colours.append(colour or class_colour(order.ifc_class))
    table = np.array(colours, dtype=np.uint8)
    mesh = Mesh(np.concatenate(vertices), np.concatenate(faces), table, np.concatenate(face_colour))
    return Outcome(order.step_id, mesh, engine=IFCLITE)


def _too_far(points: NDArray[np.float64], *origins: NDArray[np.float64]) -> bool:
    """Say whether 32-bit floats counted from any of these origins are more than a millimetre apart at the points."""
    farthest = max(float(np.abs(points - origin).max()) for origin in origins)
    return float(np.spacing(np.float32(farthest))) > MAX_SPACING_M
