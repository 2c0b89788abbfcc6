"""The kinds of paint and what each of them says of a revision; `?paint=KIND` on the 3D page shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ninja import Schema

from bim.models import Revision

Box = tuple[float, float, float, float, float, float]
Place = tuple[float, float, float]


class PaintClass(Schema):
    """One entry of the legend: colour `#rrggbb`, a short sign so that colour is never alone, how many there are."""

    key: str
    label: str
    colour: str
    sign: str
    count: int


class PaintBox(Schema):
    """A thing without a shape in the tiles, drawn as an outlined box in the tileset's own frame (metres)."""

    key: str
    label: str
    global_id: str
    box: Box


class PaintLine(Schema):
    """A line or ring over the model: longitude, latitude (EPSG:4490), Yellow Sea height in metres."""

    key: str
    label: str
    id: str
    points: list[Place]
    url: str = ""


class PaintOut(Schema):
    """What is painted: `elements` has the indexes of each legend entry's elements; all others are drawn pale."""

    kind: str
    revision_id: str
    model_id: str
    title: str
    note: str
    legend: list[PaintClass]
    elements: dict[str, list[int]]
    boxes: list[PaintBox] = []
    lines: list[PaintLine] = []


Painter = Callable[[Revision, Any, Mapping[str, str]], PaintOut]
"""(revision, user, the request's query) -> what to paint; raises django.http.Http404 where there is nothing."""

PAINTERS: dict[str, Painter] = {}
