"""The sandboxed child: open the file again, run the IDS pack, read shapes and voids. Knows no Django.

`python -m bim.readiness.child FOLDER` reads FOLDER/request.json and writes FOLDER/answer.json, in two steps: what is
written before a crash or a timeout counts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely

from bim.ifc.ids.records import ElementRef, SpecificationResult
from bim.pipeline.child import limit_resources

ANSWER = "answer.json"


def run(folder: Path, request: dict[str, Any]) -> None:
    """Write the answer: `problem`, `schema`, `specified` (identifier: counts), `shapes`, `voids`."""
    from bim.ifc.container import check_file
    from bim.ifc.reading import open_model

    checked = check_file(Path(request["source"]), folder)
    model, _ = open_model(checked)
    answer: dict[str, Any] = {"problem": "", "schema": checked.schema, "specified": None, "shapes": None, "voids": None}
    answer["specified"] = count_pack(model, checked.schema, request["pack_s"])
    write(folder, answer)
    answer["shapes"], answer["voids"] = read_shapes(model)
    write(folder, answer)


def write(folder: Path, answer: dict[str, Any]) -> None:
    """Write the answer so that it is never half there."""
    part = folder / (ANSWER + ".part")
    part.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    part.rename(folder / ANSWER)


def count_pack(model: Any, schema: str, limit_s: float) -> dict[str, Any]:
    """Return {identifier: {"checked", "failed", "failed_ids"}, or {"why"} where it could not be judged}.

    The whole pack may take `limit_s` seconds. An entity without a GlobalId counts, but is not named.
    """
    from bim.ifc.ids.checking import check_model
    from bim.ifc.ids.reading import read_ids

    from .catalogue import FUNCTIONS
    from .pack import pack_path

    started, found = time.monotonic(), {}
    for function in FUNCTIONS:
        left_s = max(0.0, limit_s - (time.monotonic() - started))
        report = check_model(model, schema, read_ids(pack_path(function)), left_s)
        for result in report.specifications:
            found[result.record.identifier] = _counts(result, report.elements)
    return found


def _counts(result: SpecificationResult, elements: Mapping[int, ElementRef]) -> dict[str, Any]:
    if result.status == "not_checked":
        return {"why": result.why}
    failed = sorted(result.failed)
    most = max((requirement.failed_count for requirement in result.requirements), default=0)
    return {
        "checked": result.applicable_count,
        "failed": max(len(failed), most),  # failures beyond the engine's limit are counted, not listed
        "failed_ids": [elements[step_id].global_id for step_id in failed if elements[step_id].global_id],
    }


def read_shapes(model: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return ({GlobalId: {"outline": WKB in hex, "closed"}}, [{"opening", "host", "box", "outline"}])."""
    from bim.ifc.plan_meshes import is_closed, read_plan_meshes
    from bim.pipeline.footprints import footprint

    shapes: dict[str, Any] = {}
    voids: list[dict[str, Any]] = []
    for read in read_plan_meshes(model):
        outline = footprint(read.mesh)
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
