"""What is known of a body before it is meshed: its parts and their colours, its place, what cuts it, who may mesh it.

It is judged from IfcOpenShell's objects (here), or for a large model from the columns of its file (table_judge.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..attributes import OBJECT_PLACEMENT
from ..bodies import Bodies
from ..element_frames import ElementFrames
from .looks import Looks, Piece
from .openings import Openings
from .routing import Router

Matrix = NDArray[np.float64]
UNJUDGED = "it cannot be judged"


class Opening(NamedTuple):
    """An opening element that cuts a body: its #id, its frame (None without local placement), its representations."""

    step_id: int
    frame: Matrix | None
    shapes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One product's body. Whatever refers to the file does so by #ids.

    `frame` leads to project metres (None without local placement), `slow` says why the fast engine is not trusted with
    it, `shapes` are the representations that hold the body, `context` that of the first of them.
    """

    step_id: int
    ifc_class: str
    pieces: tuple[Piece, ...]
    frame: Matrix | None
    slow: str
    shapes: tuple[int, ...] = ()
    openings: tuple[Opening, ...] = ()
    placement: int | None = None
    context: int | None = None

    @classmethod
    def unjudged(cls, step_id: int, ifc_class: str = "") -> Judged:
        return cls(step_id, ifc_class, (), None, UNJUDGED)


class ObjectJudge:
    """Judges products of one model by IfcOpenShell's objects."""

    def __init__(
        self,
        model: Any,
        frames: ElementFrames,
        bodies: Bodies | None = None,
        openings: Openings | None = None,
    ) -> None:
        self.frames, self.bodies = frames, bodies or Bodies()
        self.openings, self.looks = openings or Openings(model), Looks()
        self.router = Router(self.bodies, frames, self.openings)

    def judge(self, product: Any) -> Judged:
        """Return what is known of a product's body; a record that is not as its schema says makes it unjudged."""
        try:
            return self._judge(product)
        except Exception:  # OpenCASCADE will say what it makes of it
            return Judged.unjudged(product.id(), product.is_a())

    def _judge(self, product: Any) -> Judged:
        shapes, placement = self.bodies.shapes(product), product.get_argument(OBJECT_PLACEMENT)
        context = shapes[0].ContextOfItems if shapes else None
        return Judged(
            product.id(),
            product.is_a(),
            tuple(self.looks.pieces(product, self.bodies.items(product))),
            self.frames.of(product),
            self.router.slow_reason(product),
            tuple(shape.id() for shape in shapes),
            tuple(self._opening(opening) for opening in self.openings.of(product)),
            None if placement is None else placement.id(),
            None if context is None else context.id(),
        )

    def _opening(self, opening: Any) -> Opening:
        shapes = tuple(shape.id() for shape in self.bodies.shapes(opening))
        return Opening(opening.id(), self.frames.of(opening), shapes)
