"""Gaps: elements whose body no mesher could shape, as boxes of one metre where they are placed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bim.models import Element, Revision
from bim.revision_place import to_tile_frame

from .kinds import PAINTERS, PaintBox, PaintClass, PaintOut

HALF_M = 0.5
COLOUR = "#b1227d"


def paint_gaps(revision: Revision, user: Any, query: Mapping[str, str]) -> PaintOut:
    """Return a box of one metre around the object placement of each gap, and say how many have no placement."""
    gaps = list(revision.elements.exclude(gap_reason="").order_by("index"))
    boxes = [box for gap in gaps if (box := _box(revision, gap)) is not None]
    missing = len(gaps) - len(boxes)
    note = _("A box stands where each of them is placed; its shape is not known.")
    if missing:
        note += " " + ngettext("%(n)d has no place of its own.", "%(n)d have no place of their own.", missing) % {
            "n": missing
        }
    legend = [PaintClass(key="gap", label=_("Without a shape"), colour=COLOUR, sign="?", count=len(gaps))]
    return PaintOut(
        kind="gaps",
        revision_id=str(revision.id),
        model_id=str(revision.model_id),
        title=_("Elements without a shape"),
        note=note if gaps else _("None: every element with a body has its shape."),
        legend=legend,
        elements={},
        boxes=boxes,
    )


def _box(revision: Revision, gap: Element) -> PaintBox | None:
    if not gap.placement_m:
        return None
    at = np.array(gap.placement_m, dtype=float).reshape(3, 4)[:, 3]
    placed = to_tile_frame(revision.georeference, at[None])
    if placed is None or not np.isfinite(placed).all():
        return None
    x, y, z = (float(value) for value in placed[0])
    box = (x - HALF_M, y - HALF_M, z - HALF_M, x + HALF_M, y + HALF_M, z + HALF_M)
    return PaintBox(key="gap", label=gap.name or gap.ifc_class, global_id=gap.global_id, box=box)


PAINTERS["gaps"] = paint_gaps
