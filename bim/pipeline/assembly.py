"""From meshes to tiles and rows: place the model, compute boxes and footprints, write the tileset."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bim.fall_edges.stage import write_fall_edges
from bim.ifc.place_sentences import Sentence, say
from bim.ifc.records import ElementRecord, StoreyRecord
from bim.tiles.parts import Feature, ListedPart, Part
from bim.tiles.tileset import Tileset

from .footprints import KnownFootprints
from .frames import StoredOutcome
from .mesh_batch import MeshBatch
from .mesh_cache import count_meshes, read_notes
from .model_files import RESULT, ROWS, read_elements, read_model_file, write_outlines
from .outcomes import Meshes, collect_outcomes
from .placing import Placement, add_warnings, choose_placement
from .sharing import Job, do_all
from .site_context import SiteContext

USUAL_SIZE_M = (5.0, 1_000.0)
GROUND_TOLERANCE_M = 1.0
TWO_FROM_TRIANGLES = 10_000
"""From so many triangles on a fork saves more than it costs. Seconds by one process and by two: 0.069 and 0.067 for
7,904 triangles, 0.023 and 0.021 for 10,916, 0.062 and 0.047 for 25,188, 0.40 and 0.29 for 48,702, 9.0 and 6.1 for
4,776,482."""
Progress = Callable[[str, float], None]


def assemble(folder: Path, site: SiteContext, killed: dict[int, str], progress: Progress) -> None:
    """Write tiles/, rows.npz, footprints.bin and result.json; `killed` says why a killed child left an element."""
    data, storeys, candidates = read_model_file(folder)
    elements = list(read_elements(folder))
    outcomes = collect_outcomes(folder)
    meshes = Meshes(outcomes)
    shown = [element for element in elements if element.wants_mesh and element.step_id in meshes]
    rows = _measured(len(elements), shown, meshes)
    box = _box_of(rows, list(meshes.keys() - {element.step_id for element in shown}), meshes)
    placement = choose_placement(candidates, box, site)
    _place(rows, shown, meshes, placement, progress)
    parts = _listed(shown, meshes, rows)
    tileset = Tileset(_made(folder / "tiles"), parts, placement.frame, partial(_load, elements, meshes, placement))
    jobs: list[Job] = [partial(write_fall_edges, folder, elements, meshes, storeys, placement)]
    jobs += [partial(_outlines_of, shown, meshes, placement), *tileset.jobs()]
    two = sum(part.triangles for part in parts) >= TWO_FROM_TRIANGLES
    _, outlines, *leaves = do_all(jobs, folder, two, lambda done, total: progress("tiles", done / total))
    written = tileset.finish(leaves)
    add_warnings(placement.report, _size_warnings(box, placement, storeys, site))
    for name in ("engine", "shape_key"):
        made_by = {step_id: getattr(outcome, name) for step_id, outcome in meshes.stored.items()}
        rows[name] = np.array([made_by.get(element.step_id, "") for element in elements], dtype=np.str_)
    np.savez(folder / ROWS, **rows)  # type: ignore[arg-type]
    write_outlines(folder, outlines)
    result = {
        "schema": data["schema"],
        "declared_schema": data["declared_schema"],
        "project_name": data["project_name"],
        "length_unit_m": data["length_unit_m"],
        "elements": len(elements),
        "meshed": int(rows["meshed"].sum()),
        "gaps": _gaps(elements, outcomes, killed),
        "meshes": count_meshes(folder, outcomes.values()),
        "storeys": _storeys(storeys, placement),
        "georeference": placement.report,
        "warnings": [*data["warnings"], *read_notes(folder)],
        "tiles": {"count": written.tiles, "bytes": written.tile_bytes, "triangles": written.triangles},
    }
    (folder / RESULT).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _measured(count: int, shown: list[ElementRecord], meshes: Meshes) -> dict[str, np.ndarray]:
    """Return the rows of `count` elements with what needs no place: which are meshed, boxes, areas, volumes."""
    rows = {
        "box": np.full((count, 6), np.nan), "height": np.full((count, 2), np.nan),
        "meshed": np.zeros(count, dtype=bool), "model_box": np.full((count, 6), np.nan),
        "area_m2": np.full(count, np.nan), "volume_m3": np.full(count, np.nan),
    }  # fmt: skip
    for run, batch in meshes.batches([element.step_id for element in shown]):
        index = [element.index for element in shown[run]]
        rows["meshed"][index] = True
        rows["model_box"][index] = _boxes(batch, batch.vertices)
        rows["area_m2"][index], rows["volume_m3"][index] = batch.areas_and_volumes()
    return rows


def _boxes(batch: MeshBatch, positions: np.ndarray) -> np.ndarray:
    """Return (k, 6): the least and the greatest corner of each mesh."""
    return np.hstack([batch.least(positions), batch.greatest(positions)])


def _box_of(rows: dict[str, np.ndarray], others: list[int], meshes: Meshes) -> np.ndarray:
    """Return the box (2, 3) of all that is shown and of other meshes; zeros where there is nothing."""
    boxes = [rows["model_box"][rows["meshed"]], *(_boxes(batch, batch.vertices) for _, batch in meshes.batches(others))]
    all_boxes = np.concatenate(boxes)
    if not len(all_boxes):
        return np.zeros((2, 3))
    return np.array([all_boxes[:, :3].min(axis=0), all_boxes[:, 3:].max(axis=0)])


def _place(
    rows: dict[str, np.ndarray], shown: list[ElementRecord], meshes: Meshes, placement: Placement, progress: Progress
) -> None:
    """Fill in boxes and heights of the placed model."""
    for run, batch in meshes.batches([element.step_id for element in shown]):
        index = [element.index for element in shown[run]]
        level = placement.heights(batch.vertices)
        rows["box"][index] = _boxes(batch, placement.to_frame(batch.vertices))
        rows["height"][index] = np.column_stack([batch.least(level), batch.greatest(level)])
        progress("footprints", run.stop / len(shown))


def _listed(shown: list[ElementRecord], meshes: Meshes, rows: dict[str, np.ndarray]) -> list[ListedPart]:
    boxes = rows["box"].reshape(-1, 2, 3)
    return [ListedPart(_feature(e), boxes[e.index], meshes.triangles(e.step_id)) for e in shown]


def _load(elements: list[ElementRecord], meshes: Meshes, placement: Placement, listed: list[ListedPart]) -> list[Part]:
    """Return the listed elements' parts in the tile frame."""
    if not listed:
        return []
    found = [meshes[elements[part.feature.element].step_id] for part in listed]
    counts = np.cumsum([len(mesh.vertices) for mesh in found])
    positions = np.split(placement.to_frame(np.concatenate([mesh.vertices for mesh in found])), counts[:-1])
    return [
        Part(part.feature, own, mesh.faces, mesh.colours, mesh.face_colour)
        for part, own, mesh in zip(listed, positions, found, strict=True)
    ]


def _outlines_of(shown: list[ElementRecord], meshes: Meshes, placement: Placement) -> dict[int, bytes]:
    """Return the plan outlines of a placed model by index; none of one without a place."""
    found: dict[int, bytes] = {}
    known = KnownFootprints()
    if placement.placed:
        for run, batch in meshes.batches([element.step_id for element in shown]):
            index = np.array([element.index for element in shown[run]])
            found |= _stored_outlines(index, batch, known, placement)
    return found


def _feature(element: ElementRecord) -> Feature:
    storey = -1 if element.storey_index is None else element.storey_index
    return Feature(element.index, element.ifc_class, storey, element.kind)


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


def _gaps(
    elements: list[ElementRecord], outcomes: dict[int, StoredOutcome], killed: dict[int, str]
) -> list[dict[str, Any]]:
    gaps = []
    for element in elements:
        outcome = outcomes.get(element.step_id)
        if not element.wants_mesh or (outcome is not None and outcome.has_mesh):
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
