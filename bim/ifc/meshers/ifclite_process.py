"""The fast engine's own process, which is killed where it hangs: `python -m bim.ifc.meshers.ifclite_process REQUEST`.

REQUEST names the STEP file, the records to add to it, the #ids to mesh and the .npz file to write.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import ifclite_geom
import numpy as np


def main() -> int:
    """Mesh what the request names and write it as flat arrays."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    content = Path(request["model"]).read_bytes()
    if request["extra"]:
        end = content.rindex(b"ENDSEC")
        content = content[:end] + request["extra"].encode("ascii") + content[end:]
    found = ifclite_geom.geometry_data_buffers(content, quality=request["quality"], ids=set(request["ids"]))
    elements = {int(step_id): element for step_id, element in found["elements"].items()}
    vertices = [np.frombuffer(element["vertices"], "<f8") for element in elements.values()]
    faces = [np.frombuffer(element["faces"], "<u4") for element in elements.values()]
    with Path(request["out"]).open("wb") as file:
        np.savez(
            file,
            ids=np.array(list(elements), dtype=np.int64),
            vertex_counts=np.array([len(part) // 3 for part in vertices], dtype=np.int64),
            face_counts=np.array([len(part) // 3 for part in faces], dtype=np.int64),
            vertices=np.concatenate([np.empty(0), *vertices]).reshape(-1, 3),
            faces=np.concatenate([np.empty(0, "<u4"), *faces]).reshape(-1, 3).astype(np.int32),
            origin=np.array(found["rtc_offset"], dtype=np.float64),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
