"""What the 3D page can show of a viewpoint: what is selected, what is hidden, and where the models are cut open."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np

from bim.ifc.placements import Candidate
from bim.pipeline.placing import to_geodetic

from .topics import Topic
from .viewpoints import ClippingPlane, Viewpoint

MOST_SELECTED: Final = 200
MOST_EXCEPTIONS: Final = 5_000
UPRIGHT: Final = 0.999
"""The least vertical part of a plane's unit normal: within 2.6° of level, it is a cut at one height."""


def shown_of(topic: Topic, candidate: Candidate, here: Collection[str]) -> dict[str, Any]:
    """Return what to show of a topic's first viewpoint with a camera, in a model that stands at `candidate`.

    {"selection", "visible", "exceptions", "cut_height_m", "planes_left_out", "left_out"}: components are GlobalIds of
    elements that are `here`; everything is visible, or nothing is, but for the exceptions; the lowest level plane that
    takes away what is above it is a cut (Yellow Sea m), other planes are counted; `left_out` components are over the
    limits of 200 selected and 5,000 exceptions.
    """
    view = next((view for view in topic.viewpoints if view.camera or view.orthogonal), Viewpoint(""))
    selected = [one for one in view.global_ids() if one in here]
    rule = view.visibility
    exceptions = list(dict.fromkeys(one.global_id for one in rule.exceptions if one.global_id in here)) if rule else []
    heights = [_cut_height_m(plane, candidate) for plane in view.clipping_planes]
    cuts = [height for height in heights if height is not None]
    return {
        "selection": selected[:MOST_SELECTED],
        "visible": rule is None or rule.default_visible or not exceptions,
        "exceptions": exceptions[:MOST_EXCEPTIONS],
        "cut_height_m": min(cuts, default=None),
        "planes_left_out": len(heights) - len(cuts),
        "left_out": len(selected[MOST_SELECTED:]) + len(exceptions[MOST_EXCEPTIONS:]),
    }


def _cut_height_m(plane: ClippingPlane, candidate: Candidate) -> float | None:
    """Return the height (Yellow Sea m) of a level plane that takes away what is above it, None for another plane."""
    normal = np.array(plane.direction, float)
    length = float(np.linalg.norm(normal))
    if not length or normal[2] / length < UPRIGHT:
        return None
    return float(to_geodetic(candidate, np.array([plane.location], float))[0][2])
