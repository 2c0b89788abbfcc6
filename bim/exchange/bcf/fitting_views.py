"""What a viewpoint of BCF 2.1 and 3.0 can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .viewpoints import Camera, OrthogonalCamera, Viewpoint, Visibility

NARROWEST_DEG: Final = 45.0
WIDEST_DEG: Final = 60.0
ASPECT_RATIO: Final = 1.5
NO_CAMERA: Final = Camera((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), WIDEST_DEG, ASPECT_RATIO)
Whys = list[tuple[str, str]]


def fit_view(view: Viewpoint, version: str) -> tuple[Viewpoint, Whys]:
    """Return the viewpoint as the version can hold it; the fields that this changes, each with the reason."""
    whys: Whys = []
    if view.listed:
        whys.append(("listed", "only before 2.1 components are named without a role"))
        view = replace(view, listed=())
    coloured = tuple(color for color in view.coloring if color.components)
    if coloured != view.coloring:
        whys.append(("coloring", "a colour needs a component"))
        view = replace(view, coloring=coloured)
    if view.visibility is None and (view.selection or view.coloring or view.hints):
        whys.append(("visibility", "components need a visibility; all others stay visible"))
        view = replace(view, visibility=Visibility())
    return _for_old(view, whys) if version == "2.1" else _for_new(view, whys)


def _for_old(view: Viewpoint, whys: Whys) -> tuple[Viewpoint, Whys]:
    camera, orthogonal = view.camera, view.orthogonal
    if camera and not NARROWEST_DEG <= camera.field_of_view_deg <= WIDEST_DEG:
        whys.append(("camera.field_of_view_deg", "2.1 allows 45 to 60 degrees"))
        angle = min(max(camera.field_of_view_deg, NARROWEST_DEG), WIDEST_DEG)
        camera = replace(camera, field_of_view_deg=angle)
    if camera and camera.aspect_ratio is not None:
        whys.append(("camera.aspect_ratio", "2.1 has no such field"))
        camera = replace(camera, aspect_ratio=None)
    if orthogonal and orthogonal.aspect_ratio is not None:
        whys.append(("orthogonal.aspect_ratio", "2.1 has no such field"))
        orthogonal = replace(orthogonal, aspect_ratio=None)
    return replace(view, camera=camera, orthogonal=orthogonal), whys


def _for_new(view: Viewpoint, whys: Whys) -> tuple[Viewpoint, Whys]:
    camera: Camera | None = view.camera
    orthogonal: OrthogonalCamera | None = view.orthogonal
    if camera and orthogonal:
        whys.append(("orthogonal", "3.0 allows one camera"))
        orthogonal = None
    if camera and camera.aspect_ratio is None:
        whys.append(("camera.aspect_ratio", "3.0 needs it"))
        camera = replace(camera, aspect_ratio=ASPECT_RATIO)
    if orthogonal and orthogonal.aspect_ratio is None:
        whys.append(("orthogonal.aspect_ratio", "3.0 needs it"))
        orthogonal = replace(orthogonal, aspect_ratio=ASPECT_RATIO)
    if (
        not camera
        and not orthogonal
        and replace(view, guid="", index=None, snapshot=b"") != Viewpoint("", visibility=None)
    ):
        whys.append(("camera", "3.0 needs one; it stands in the model's origin"))
        camera = NO_CAMERA
    return replace(view, camera=camera, orthogonal=orthogonal), whys
