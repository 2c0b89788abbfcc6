"""`python -m tests.benchmarks.property_sets FILE PAIRS`: our one pass against `get_psets` per element, in turn.

The file is opened once, unmeasured: both work on the same open model. Ours builds the table of the file anew each time,
though an import has it from its meshes already. Prints one JSON object with the products, the
distinct GlobalIds, the (ours, peer) pairs in seconds, and how many elements have sets in each.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.util.element

from bim.ifc.element_frames import ElementFrames
from bim.ifc.property_sets import properties_by_element
from bim.ifc.step_table import StepTable
from bim.ifc.table_source import source_of


def main() -> None:
    """Measure and print."""
    path = Path(sys.argv[1])
    model = ifcopenshell.open(str(path))
    spatial = "IfcSpatialStructureElement" if model.schema == "IFC2X3" else "IfcSpatialElement"
    elements = [*model.by_type("IfcElement"), *model.by_type(spatial)]
    pairs, counts = [], (0, 0)
    for _ in range(int(sys.argv[2])):
        gc.collect()
        gc.disable()  # for both, as the child of an import does
        started = time.perf_counter()
        passed, _types = properties_by_element(source_of(model, ElementFrames(1.0), StepTable.of(path.read_bytes())))
        between = time.perf_counter()
        peer: dict[int, Any] = {row.id(): ifcopenshell.util.element.get_psets(row) for row in elements}
        pairs.append((between - started, time.perf_counter() - between))
        gc.enable()
        counts = (
            sum(1 for row in elements if any(passed.get(row.id(), {}).values())),
            sum(1 for sets in peer.values() if any(len(values) > 1 for values in sets.values())),  # beside "id"
        )
    products = model.by_type("IfcProduct")
    print(
        json.dumps(
            {
                "products": len(products),
                "distinct": len({row.GlobalId for row in model.by_type("IfcRoot")}),
                "rooted": len(model.by_type("IfcRoot")),
                "pairs": pairs,
                "with_sets": counts,
            }
        )
    )


if __name__ == "__main__":
    main()
