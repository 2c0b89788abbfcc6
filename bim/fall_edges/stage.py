"""The last stage of an import: the model's fall edges, written as edges.json. Knows no Django; runs in the sandbox."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bim.ifc.meshing_types import Mesh
from bim.ifc.records import ElementRecord, StoreyRecord
from bim.pipeline.placing import Placement

from .barriers import BARRIERS
from .plans import floor_outlines, protected_as_json
from .rules import FILLERS, Finder, Found, StoreyLevel, in_order
from .surfaces import FLIGHTS, GROUND, SLABS, Body

EDGES = "edges.json"
WANTED = BARRIERS | FILLERS | SLABS | FLIGHTS | GROUND


def write_fall_edges(
    folder: Path,
    elements: Iterable[ElementRecord],
    meshes: Mapping[int, Mesh],
    storeys: Iterable[StoreyRecord],
    placement: Placement,
) -> None:
    """This function will write FOLDER/edges.json; where it fails the import goes on and the file says why."""
    started = time.monotonic()
    try:
        bodies = [
            Body(element.global_id, element.ifc_class, element.storey_index, mesh.vertices[mesh.faces])
            for element in elements
            if element.ifc_class in WANTED and (mesh := meshes.get(element.step_id)) is not None
        ]
        finder = Finder(bodies, [StoreyLevel(storey.index, storey.elevation_m) for storey in storeys])
        found = in_order(finder.find())
        answer: dict[str, Any] = {
            "found": [as_json(row, placement) for row in found], "problem": "",
            "plan": {
                "floors": floor_outlines(finder), "protected": [protected_as_json(row) for row in finder.protected],
            },
        }  # fmt: skip
    except Exception as error:  # whatever a shape does here, the import itself is sound
        answer = {
            "found": [],
            "plan": {},
            "problem": f"The fall edges could not be computed ({type(error).__name__}: {error}).",
        }
    answer["seconds"] = round(time.monotonic() - started, 3)
    (folder / EDGES).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


def as_json(row: Found, placement: Placement) -> dict[str, Any]:
    """Return a finding as plain data: points in project metres, and in longitude, latitude, H where it is placed."""
    data = {
        "kind": row.kind, "storey_index": row.storey_index, "hosts": list(row.hosts), "drop_m": round(row.drop_m, 4),
        "length_m": round(row.length_m, 4), "points_m": np.round(row.points, 4).tolist(), "area_m2": row.area_m2,
        "perimeter_m": row.perimeter_m, "short_side_m": row.short_side_m, "lon_lat_height": None,
    }  # fmt: skip
    if placement.placed and placement.frame is not None:
        geodetic = placement.frame.to_geodetic(placement.to_frame(row.points))
        heights = placement.heights(row.points)
        data["lon_lat_height"] = np.column_stack((geodetic[:, :2], heights)).tolist()
    return data


def read_fall_edges(folder: Path) -> dict[str, Any] | None:
    """Return what `write_fall_edges` wrote, None where there is no such file."""
    path = folder / EDGES
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
