"""The sandboxed child: open the file again, run the IDS pack, read shapes and voids. Knows no Django.

`python -m bim.readiness.child FOLDER` reads FOLDER/request.json and writes FOLDER/answer.json, in two steps: what is
written before a crash or a timeout counts.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import shapely

from bim.pipeline.child import limit_resources

ANSWER = "answer.json"


def run(folder: Path, request: dict[str, Any]) -> None:
    """Write the answer: `problem`, `schema`, `specified` (identifier: counts), `shapes`, `voids`."""
    from bim.ifc.container import check_file
    from bim.ifc.reading import open_model

    checked = check_file(Path(request["source"]), folder)
    model, _ = open_model(checked)
    answer: dict[str, Any] = {"problem": "", "schema": checked.schema, "specified": None, "shapes": None, "voids": None}
    answer["specified"] = count_pack(model, checked.schema)
    write(folder, answer)
    answer["shapes"], answer["voids"] = read_shapes(model)
    write(folder, answer)


def write(folder: Path, answer: dict[str, Any]) -> None:
    """Write the answer so that it is never half there."""
    part = folder / (ANSWER + ".part")
    part.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    part.rename(folder / ANSWER)


def count_pack(model: Any, schema: str) -> dict[str, Any]:
    """Return {identifier: {"checked", "failed", "failed_ids"}, or {"why"} where it is for another schema}."""
    from bim.ifc.ids_counts import count_specifications

    from .catalogue import FUNCTIONS
    from .pack import pack_path, specifications

    found: dict[str, Any] = {}
    for function in FUNCTIONS:
        known = [(one.identifier, one.schemas) for one in specifications(function)]
        for one in count_specifications(model, schema, pack_path(function), known):
            counts = {"checked": one.checked, "failed": one.failed, "failed_ids": one.failed_ids}
            found[one.identifier] = counts if one.applies else {"why": "schema"}
    return found


def read_shapes(model: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return ({GlobalId: {"outline": WKB in hex, "closed"}}, [{"opening", "host", "box", "outline"}])."""
    from bim.ifc.plan_meshes import is_closed, read_plan_meshes
    from bim.pipeline.footprints import footprint

    shapes: dict[str, Any] = {}
    voids: list[dict[str, Any]] = []
    for read in read_plan_meshes(model):
        outline = footprint(read.mesh.vertices, read.mesh.faces)
        if outline is None:
            continue
        wkb = str(shapely.to_wkb(outline, hex=True))
        if read.host:
            box = [*read.mesh.vertices.min(axis=0).tolist(), *read.mesh.vertices.max(axis=0).tolist()]
            voids.append({"opening": read.global_id, "host": read.host, "box": box, "outline": wkb})
        else:
            shapes.setdefault(read.global_id, {"outline": wkb, "closed": is_closed(read.mesh)})
    return shapes, voids


def main() -> int:
    """Run it; a refusal of the file is an answer too."""
    from bim.ifc.refusal import Refusal

    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    limit_resources(request["memory_bytes"], request["cpu_s"])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # libraries print; nobody reads the pipe
    try:
        run(folder, request)
    except Refusal as refusal:
        write(folder, {"problem": refusal.reason, "schema": "", "specified": None, "shapes": None, "voids": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
