"""The fast engine's own process, which is killed where it hangs: `python -m bim.ifc.meshers.ifclite_process REQUEST`.

REQUEST names the STEP file, the records to add to it, the #ids to mesh and the file to write: little-endian, the
number of meshes (i8), the origin (3 f8), their #ids, vertex counts and face counts (i8 each), all vertices (3 f8 each),
all faces (3 u4 each). Without numpy, whose import would be the longer part of a small model.
"""

from __future__ import annotations

import json
import os
import sys
from array import array
from pathlib import Path

import ifclite_geom


def main() -> int:
    """Mesh what the request names and write it as flat arrays."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    content = Path(request["model"]).read_bytes()
    if request["extra"]:
        end = content.rindex(b"ENDSEC")
        content = content[:end] + request["extra"].encode("ascii") + content[end:]
    found = ifclite_geom.geometry_data_buffers(content, quality=request["quality"], ids=set(request["ids"]))
    ids, vertices, faces = array("q"), [], []
    for step_id, element in found["elements"].items():
        ids.append(int(step_id))
        vertices.append(bytes(element["vertices"]))
        faces.append(bytes(element["faces"]))
    with Path(request["out"]).open("wb") as file:
        file.write(array("q", [len(ids)]).tobytes() + array("d", found["rtc_offset"]).tobytes() + ids.tobytes())
        file.write(array("q", [len(part) // 24 for part in vertices]).tobytes())
        file.write(array("q", [len(part) // 12 for part in faces]).tobytes())
        file.writelines(vertices)
        file.writelines(faces)
    return 0


if __name__ == "__main__":
    os._exit(main())  # all is written and closed
