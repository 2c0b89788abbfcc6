"""Changes: added, moved, reshaped and otherwise changed elements in colour, removed ones as boxes where they stood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from django.http import Http404
from django.utils.translation import gettext as _

from bim.models import Revision
from bim.revision_place import to_tile_frame
from bim.revisions.models import ElementChange, RevisionComparison
from bim.revisions.queries import changes_of, comparison_of

from .kinds import PAINTERS, Box, PaintBox, PaintClass, PaintOut

Kind = ElementChange.Kind
LOOKS: Final = {
    Kind.ADDED: ("#1a7f37", "+"),
    Kind.REMOVED: ("#b3261e", "−"),
    Kind.MOVED: ("#0b57d0", "→"),
    Kind.RESHAPED: ("#a15c00", "△"),
    Kind.PROPERTIES: ("#7a3e9d", "≡"),
}
_CORNERS = np.array([[i, j, k] for i in (0, 3) for j in (1, 4) for k in (2, 5)])


def paint_changes(revision: Revision, user: Any, query: Mapping[str, str]) -> PaintOut:
    """Return what a revision changed; Http404 for the first revision of a model."""
    comparison = comparison_of(revision)
    if comparison is None:
        raise Http404
    rows = changes_of(revision).values_list("kind", "new_index", "old_index", "name", "ifc_class", "old_global_id")
    elements: dict[str, list[int]] = defaultdict(list)
    removed: dict[int, tuple[str, str]] = {}
    for kind, new_index, old_index, name, ifc_class, global_id in rows:
        if new_index is not None:
            elements[kind].append(new_index)
        elif old_index is not None:
            removed[old_index] = (name or ifc_class, global_id)
    legend = [
        PaintClass(key=kind, label=str(kind.label), colour=colour, sign=sign, count=comparison.counts.get(kind, 0))
        for kind, (colour, sign) in LOOKS.items()
    ]
    return PaintOut(
        kind="changes",
        revision_id=str(revision.id),
        model_id=str(revision.model_id),
        title=_("Changes since revision %(number)s") % {"number": comparison.previous.number},
        note=_("Removed elements are boxes where they stood; all that is pale was kept."),
        legend=legend,
        elements=dict(elements),
        boxes=_boxes(comparison, removed),
    )


def _boxes(comparison: RevisionComparison, removed: dict[int, tuple[str, str]]) -> list[PaintBox]:
    """Return the boxes of removed elements in the new tileset's frame; those without a shape have none."""
    old = comparison.previous.elements.filter(index__in=removed).exclude(model_box_m=None)
    found = list(old.order_by("index").values_list("index", "model_box_m"))
    if not found:
        return []
    corners = np.array([box for _index, box in found], dtype=float)[:, _CORNERS]
    points = corners.reshape(-1, 3) + np.array(comparison.shift_m or (0.0, 0.0, 0.0))
    placed = to_tile_frame(comparison.revision.georeference, points)
    if placed is None:
        return []
    placed = placed.reshape(len(found), 8, 3)
    low, high = placed.min(axis=1), placed.max(axis=1)
    return [
        PaintBox(
            key=Kind.REMOVED, label=removed[index][0], global_id=removed[index][1],
            box=_six(low[at], high[at]),
        )
        for at, (index, _box) in enumerate(found)
        if np.isfinite(placed[at]).all()
    ]  # fmt: skip


def _six(low: np.ndarray, high: np.ndarray) -> Box:
    (x, y, z), (x2, y2, z2) = (tuple(float(value) for value in corner) for corner in (low, high))
    return x, y, z, x2, y2, z2


PAINTERS["changes"] = paint_changes
