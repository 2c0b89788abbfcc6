"""What the 3D page can show of a viewpoint."""

from __future__ import annotations

import numpy as np
import pytest

from bim.exchange.bcf.showing import MOST_SELECTED, shown_of
from bim.exchange.bcf.topics import Topic
from bim.exchange.bcf.viewpoints import Camera, ClippingPlane, Component, Viewpoint, Visibility
from bim.ifc.placements import Candidate, flat

FRAME = np.array([[1, 0, 0, 468_000.0], [0, 1, 0, 3_847_000.0], [0, 0, 1, 100.0], [0, 0, 0, 1]])
PLACE = Candidate(50, "map conversion", "projected", "EPSG:4547", flat(FRAME))
CAMERA = Camera((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
A, B, AWAY = Component("a"), Component("b"), Component("elsewhere")


def shown(view: Viewpoint, here: tuple[str, ...] = ("a", "b")) -> dict[str, object]:
    return shown_of(Topic("t", "title", "", "", None, "", viewpoints=(view,)), PLACE, here)


def test_every_component_that_is_here_is_selected_and_what_is_hidden_is_hidden() -> None:
    found = shown(Viewpoint("v", (A, AWAY, B), Visibility(True, (B, AWAY)), camera=CAMERA))
    assert found == {
        "selection": ["a", "b"], "visible": True, "exceptions": ["b"], "cut_height_m": None, "planes_left_out": 0,
        "left_out": 0,
    }  # fmt: skip


def test_what_is_alone_visible_is_alone_shown_and_a_model_is_never_hidden_whole() -> None:
    found = shown(Viewpoint("v", visibility=Visibility(False, (A,)), camera=CAMERA))
    assert (found["visible"], found["exceptions"]) == (False, ["a"])
    found = shown(Viewpoint("v", visibility=Visibility(False, (AWAY,)), camera=CAMERA))
    assert (found["visible"], found["exceptions"]) == (True, [])


def test_the_lowest_level_plane_is_a_cut_and_others_are_counted() -> None:
    planes = tuple(
        ClippingPlane((5.0, 5.0, height), direction)
        for height, direction in [(12.0, (0.0, 0.0, 2.0)), (9.0, (0.0, 0.0, 1.0)), (3.0, (0.0, 0.0, -1.0)),
                                  (3.0, (1.0, 0.0, 0.0)), (3.0, (0.0, 0.0, 0.0))]
    )  # fmt: skip
    found = shown(Viewpoint("v", camera=CAMERA, clipping_planes=planes))
    assert found["cut_height_m"] == pytest.approx(109.0) and found["planes_left_out"] == 3


def test_what_is_over_the_limit_is_counted() -> None:
    names = tuple(f"{number}" for number in range(MOST_SELECTED + 3))
    found = shown(Viewpoint("v", tuple(Component(name) for name in names), camera=CAMERA), names)
    assert found["selection"] == list(names[:200]) and found["left_out"] == 3
