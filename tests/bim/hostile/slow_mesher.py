"""The real child with a mesher that comes to no end: `python -m tests.bim.hostile.slow_mesher FOLDER`.

Every body goes to OpenCASCADE, which meshes three and then gives the first of them again and again: signs of life, and
nothing new.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

MESHED = 3


def main() -> int:
    """Run the real child with the engines replaced."""
    from bim.ifc.lean_import import import_ifcopenshell

    import_ifcopenshell()
    from bim.ifc.meshers.opencascade import OpenCascade
    from bim.ifc.meshers.routing import Router
    from bim.ifc.meshing_types import Outcome
    from bim.pipeline import child

    def mesh_all(self: OpenCascade, model: Any, step_ids: Sequence[int]) -> Iterator[Outcome]:
        made = [self.mesh_one(model, step_id) for step_id in step_ids[:MESHED]]
        yield from made
        while made:
            time.sleep(0.3)
            yield made[0]

    OpenCascade.mesh_all = mesh_all  # type: ignore[method-assign]
    Router.slow_reason = lambda self, product: "it is planted"  # type: ignore[method-assign]
    return child.main()


if __name__ == "__main__":
    sys.exit(main())
