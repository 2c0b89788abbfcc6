"""The demo's site plan of the foundation stage as a DXF in the site's grid, drawn from the model's dimensions."""

from __future__ import annotations

from pathlib import Path

import ezdxf
from ezdxf import units
from ezdxf.layouts import Modelspace

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project import site_layout as layout
from bim.ifc.demo_project.georeference import to_map
from webmap.demo.placing import corners

LAYERS = {"围挡": 1, "道路": 8, "基坑": 30, "临建": 5, "堆场": 3, "轴网": 9, "文字": 7}
DRAWN = ("围挡", "道路", "基坑", "临建", "堆场", "文字")
PIT_CRANE_M = 30.0


def draw_earlier_plan(path: Path) -> None:
    """This function will write the plan: one pit over the whole podium, half of the huts, a small crane."""
    document = ezdxf.new("R2010", units=units.M)
    for name, colour in LAYERS.items():
        document.layers.add(name, color=colour)
    space = document.modelspace()
    _ring(space, "围挡", list(layout.BOUNDARY))
    for points in layout.ROADS.values():
        space.add_lwpolyline([to_map(*point) for point in points], dxfattribs={"layer": "道路"})
    x0, y0, x1, y1 = d.PODIUM
    for margin in (2.0, 6.0):  # foot and top of the slope
        _ring(space, "基坑", corners((x0 - margin, y0 - margin, x1 + margin, y1 + margin)))
    _label(space, "一期基坑(放坡)", (x0 + x1) / 2, (y0 + y1) / 2)
    space.add_circle(to_map(*d.CRANE_BASE), PIT_CRANE_M, dxfattribs={"layer": "基坑"})
    for hut in layout.HUTS[::2]:
        _ring(space, "临建", corners(hut.rectangle))
        _label(space, hut.name, hut.rectangle[0], hut.rectangle[1])
    for yard in layout.YARDS[::2]:
        _ring(space, "堆场", corners(yard.rectangle))
        _label(space, yard.name, yard.rectangle[0], yard.rectangle[1])
    for x in d.GRID_X:
        space.add_line(to_map(x, y0 - 8), to_map(x, y1 + 8), dxfattribs={"layer": "轴网"})
    document.saveas(path)


def _ring(space: Modelspace, layer: str, points: list[d.Point]) -> None:
    space.add_lwpolyline([to_map(*point) for point in points], close=True, dxfattribs={"layer": layer})


def _label(space: Modelspace, text: str, x: float, y: float) -> None:
    space.add_text(text, dxfattribs={"layer": "文字", "insert": to_map(x, y), "height": 2.0})
