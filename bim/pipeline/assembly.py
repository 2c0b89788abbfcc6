"""From meshes to tiles and rows: place the model, compute boxes and footprints, write the tileset."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bim.fall_edges.stage import write_fall_edges
from bim.ifc.meshing_types import Mesh, Outcome
from bim.ifc.place_sentences import Sentence, say
from bim.ifc.records import ElementRecord, StoreyRecord
from bim.tiles.parts import Feature, Part
from bim.tiles.tileset import write_tileset

from .footprints import KnownFootprints
from .frames import read_frames
from .mesh_batch import MeshBatch, area_and_volume, in_batches
from .mesh_cache import count_meshes, read_notes
from .model_files import FOOTPRINTS, RESULT, ROWS, read_elements, read_model_file
from .placing import Placement, add_warnings, choose_placement
from .site_context import SiteContext

__all__ = ["area_and_volume", "assemble", "collect_outcomes", "read_outlines"]

USUAL_SIZE_M = (5.0, 1_000.0)
GROUND_TOLERANCE_M = 1.0
Progress = Callable[[str, float], None]


def collect_outcomes(folder: Path) -> dict[int, Outcome]:
    """Return the outcome of each element by #id; a mesh wins over a reason, a later reason over an earlier."""
    found: dict[int, Outcome] = {}
    for path in sorted(folder.glob("mesh-*.bin")):
        for outcome in read_frames(path):
            if outcome.mesh is not None or found.get(outcome.step_id) is None or found[outcome.step_id].mesh is None:
                found[outcome.step_id] = outcome
    return found


def assemble(folder: Path, site: SiteContext, killed: dict[int, str], progress: Progress) -> None:
    """Write tiles/, rows.npz, footprints.bin and result.json; `killed` says why a killed child left an element."""
    data, storeys, candidates = read_model_file(folder)
    elements = list(read_elements(folder, with_properties=False))
    outcomes = collect_outcomes(folder)
    meshes = {step_id: outcome.mesh for step_id, outcome in outcomes.items() if outcome.mesh is not None}
    made_by = {step_id: (outcome.engine, outcome.shape_key) for step_id, outcome in outcomes.items() if outcome.mesh}
    box = _box_of(list(meshes.values()))
    placement = choose_placement(candidates, box, site)
    tiles = folder / "tiles"
    tiles.mkdir(exist_ok=True)
    with ThreadPoolExecutor(1) as beside:  # outlines are GEOS's work, which leaves the interpreter to the tiles
        parts, rows, outlines = _rows_and_parts(elements, meshes, placement, progress, beside)
        written = write_tileset(
            tiles, parts, placement.frame, lambda done, total: progress("tiles", done / max(total, 1))
        )
        add_warnings(placement.report, _size_warnings(box, placement, storeys, site))
        write_fall_edges(folder, elements, meshes, storeys, placement)
    gaps = _gaps(elements, outcomes, killed)
    rows["engine"] = np.array([made_by.get(element.step_id, ("", ""))[0] for element in elements], dtype=np.str_)
    rows["shape_key"] = np.array([made_by.get(element.step_id, ("", ""))[1] for element in elements], dtype=np.str_)
    np.savez(folder / ROWS, **rows)  # type: ignore[arg-type]
    _write_outlines(folder / FOOTPRINTS, {index: wkb for run in outlines for index, wkb in run.result().items()})
    result = {
        "schema": data["schema"],
        "declared_schema": data["declared_schema"],
        "project_name": data["project_name"],
        "length_unit_m": data["length_unit_m"],
        "elements": len(elements),
        "meshed": int(rows["meshed"].sum()),
        "gaps": gaps,
        "meshes": count_meshes(folder, outcomes.values()),
        "storeys": _storeys(storeys, placement),
        "georeference": placement.report,
        "warnings": [*data["warnings"], *read_notes(folder)],
        "tiles": {"count": written.tiles, "bytes": written.tile_bytes, "triangles": written.triangles},
    }
    (folder / RESULT).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


def _box_of(meshes: list[Mesh]) -> np.ndarray:
    if not meshes:
        return np.zeros((2, 3))
    lower = np.min([mesh.vertices.min(axis=0) for mesh in meshes], axis=0)
    upper = np.max([mesh.vertices.max(axis=0) for mesh in meshes], axis=0)
    return np.array([lower, upper])


def _rows_and_parts(
    elements: list[ElementRecord],
    meshes: dict[int, Mesh],
    placement: Placement,
    progress: Progress,
    beside: Executor,
) -> tuple[list[Part], dict[str, np.ndarray], list[Future[dict[int, bytes]]]]:
    count = len(elements)
    rows = {
        "box": np.full((count, 6), np.nan), "height": np.full((count, 2), np.nan),
        "meshed": np.zeros(count, dtype=bool), "model_box": np.full((count, 6), np.nan),
        "area_m2": np.full(count, np.nan), "volume_m3": np.full(count, np.nan),
    }  # fmt: skip
    parts: list[Part] = []
    outlines: list[Future[dict[int, bytes]]] = []
    known = KnownFootprints()
    shown = [element for element in elements if element.wants_mesh and element.step_id in meshes]
    for run, batch in in_batches([meshes[element.step_id] for element in shown]):
        index = np.array([element.index for element in shown[run]])
        positions = placement.to_frame(batch.vertices)
        level = placement.heights(batch.vertices)
        rows["box"][index] = np.hstack([batch.least(positions), batch.greatest(positions)])
        rows["height"][index] = np.column_stack([batch.least(level), batch.greatest(level)])
        rows["meshed"][index] = True
        rows["model_box"][index] = np.hstack([batch.least(batch.vertices), batch.greatest(batch.vertices)])
        rows["area_m2"][index], rows["volume_m3"][index] = batch.areas_and_volumes()
        for element, own in zip(shown[run], np.split(positions, batch.first_vertex[1:]), strict=True):
            mesh = meshes[element.step_id]
            parts.append(Part(_feature(element), own, mesh.faces, mesh.colours, mesh.face_colour))
        if placement.placed:
            outlines.append(beside.submit(_stored_outlines, index, batch, known, placement))
        progress("footprints", run.stop / len(shown))
    return parts, rows, outlines


def _feature(element: ElementRecord) -> Feature:
    storey = -1 if element.storey_index is None else element.storey_index
    return Feature(element.index, element.global_id, element.ifc_class, element.name, storey, element.kind)


def _stored_outlines(
    index: np.ndarray, batch: MeshBatch, known: KnownFootprints, placement: Placement
) -> dict[int, bytes]:
    """Return plan outlines as MultiPolygons in longitude and latitude (EPSG:4490, WKB), by index."""
    outlines = known.of(batch, placement.to_plan(batch.vertices))
    there = ~shapely.is_missing(outlines)
    if not there.any():
        return {}
    index = index[there]
    moved = placement.plan_to_geodetic(shapely.get_coordinates(outlines[there]))
    shapes = shapely.set_coordinates(outlines[there], moved)
    broken = ~shapely.is_valid(shapes)  # a hole of a nanometre has no area any more
    shapes[broken] = shapely.make_valid(shapes[broken])
    pieces, of_outline = shapely.get_parts(shapes, return_index=True)
    parts, of_piece = shapely.get_parts(pieces, return_index=True)  # what is made valid may be a collection of those
    owner = of_outline[of_piece]
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    numbers, order = np.unique(owner[areal], return_inverse=True)
    wkb = shapely.to_wkb(shapely.multipolygons(parts[areal], indices=order))
    return dict(zip(index[numbers].tolist(), wkb, strict=True))


def _write_outlines(path: Path, outlines: dict[int, bytes]) -> None:
    with path.open("wb") as file:
        for index, wkb in outlines.items():
            file.write(struct.pack("<ii", index, len(wkb)) + wkb)


def read_outlines(path: Path) -> dict[int, bytes]:
    """Return {element index: WKB of its MultiPolygon}."""
    content, position, found = path.read_bytes(), 0, {}
    while position + 8 <= len(content):
        index, length = struct.unpack_from("<ii", content, position)
        found[index] = content[position + 8 : position + 8 + length]
        position += 8 + length
    return found


def _gaps(elements: list[ElementRecord], outcomes: dict[int, Outcome], killed: dict[int, str]) -> list[dict[str, Any]]:
    gaps = []
    for element in elements:
        outcome = outcomes.get(element.step_id)
        if not element.wants_mesh or (outcome is not None and outcome.mesh is not None):
            continue
        reason = killed.get(element.step_id) or (outcome.reason if outcome else "") or "The mesher left it out."
        gaps.append(
            {"global_id": element.global_id, "ifc_class": element.ifc_class, "reason": reason, "index": element.index}
        )
    return gaps


def _storeys(storeys: list[StoreyRecord], placement: Placement) -> list[dict[str, Any]]:
    found = []
    for storey in storeys:
        height = None
        if placement.placed:
            height = float(placement.heights(np.array([[*placement.shift[:2], storey.elevation_m]]))[0])
        found.append({**storey.__dict__, "height_m": height})
    return found


def _size_warnings(
    box: np.ndarray, placement: Placement, storeys: list[StoreyRecord], site: SiteContext
) -> list[Sentence]:
    warnings: list[Sentence] = []
    size = float((box[1] - box[0]).max())
    if size and not USUAL_SIZE_M[0] <= size <= USUAL_SIZE_M[1]:
        warnings.append(say("size", size=f"{size:,.1f}"))
    if placement.placed and site.ground_height_m is not None and storeys:
        levels = placement.heights(np.array([[*placement.shift[:2], storey.elevation_m] for storey in storeys]))
        nearest = float(np.abs(levels - site.ground_height_m).min())
        if nearest > GROUND_TOLERANCE_M:
            ground = f"{site.ground_height_m:.2f}"
            warnings.append(say("no_storey_at_ground", ground=ground, nearest=f"{nearest:.1f}"))
    return warnings
