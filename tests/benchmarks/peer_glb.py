"""The peer of the import benchmark: IfcOpenShell's own GLB serializer, in a process of its own like our child.

`python -m tests.benchmarks.peer_glb SOURCE TARGET` opens the file, meshes every product with OpenCASCADE and writes
a GLB.
"""

from __future__ import annotations

import os
import sys

THREADS = min(2, os.cpu_count() or 1)  # as many as our child uses


def main() -> None:
    """Convert one file."""
    import ifcopenshell
    import ifcopenshell.geom

    source, target = sys.argv[1:]
    model = ifcopenshell.open(source)
    settings = ifcopenshell.geom.settings()
    serializer = ifcopenshell.geom.serializers.gltf(target, settings)
    serializer.setFile(model)
    serializer.setUnitNameAndMagnitude("METER", 1.0)
    serializer.writeHeader()
    for shape in ifcopenshell.geom.iterate(settings, model, num_threads=THREADS, exclude=["IfcOpeningElement"]):
        serializer.write(shape)
    serializer.finalize()


if __name__ == "__main__":
    main()
