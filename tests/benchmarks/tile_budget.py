"""What each part of a tileset costs: `python -m tests.benchmarks.tile_budget FOLDER …` prints plain and sent bytes.

Sent bytes of a part are what gzip's deflate has written when it has read the file up to the part's end. Attributes lie
side by side in one view; each is compressed again alone, as that many bytes are its share. What is left (containers,
borders, the difference of attributes alone and together) is the part "rest", which may be negative.
"""

from __future__ import annotations

import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import meshopt
import numpy as np

from tests.bim.tile_reader import PACKED, Glb

from .contestants import GZIP_LEVEL, Size, sent_bytes

REST = "rest"


def budget(folder: Path) -> dict[str, Size]:
    """Return the bytes of each part of a tileset, which add up to all of them, the largest as sent first."""
    plain: dict[str, int] = defaultdict(int)
    sent: dict[str, int] = defaultdict(int)
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        plain[REST] += file.stat().st_size
        sent[REST] += sent_bytes(file)
        pieces = glb_pieces(file) if file.suffix == ".glb" else [(file.name, file.read_bytes())]
        stream = zlib.compressobj(GZIP_LEVEL)
        for name, content in pieces:
            written = len(stream.compress(content)) + len(stream.flush(zlib.Z_SYNC_FLUSH))
            for total, size in ((plain, len(content)), (sent, written)):
                total[name] += size
                total[REST] -= size
    return {name: Size(plain[name], sent[name]) for name in sorted(plain, key=lambda name: -sent[name])}


def glb_pieces(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each part of a GLB: its JSON, attributes, indices and columns."""
    glb = Glb(path)
    yield "JSON", path.read_bytes()[20 : -8 - len(glb.data)]
    names = _names(glb.json)
    for number, view in enumerate(glb.json["bufferViews"]):
        packed = view.get("extensions", {}).get(PACKED)
        where = packed or view
        content = glb.data[where["byteOffset"] : where["byteOffset"] + where["byteLength"]]
        if packed is None or packed["mode"] == "TRIANGLES":
            yield names[number][0], content
            continue
        rows = np.asarray(meshopt.decode_gltf_buffer(content, packed["count"], packed["byteStride"], packed["mode"]))
        starts = sorted(names[number])
        for start, end in zip(starts, [*starts[1:], packed["byteStride"]], strict=True):
            alone = np.ascontiguousarray(rows[:, start:end])
            yield names[number][start], meshopt.encode_gltf_buffer(alone, "ATTRIBUTES", version=0)


def _names(document: dict[str, Any]) -> dict[int, dict[int, str]]:
    """Return for each buffer view what begins at which byte of its rows."""
    names: dict[int, dict[int, str]] = defaultdict(dict)
    views, accessors = document["bufferViews"], document["accessors"]
    for primitive in document["meshes"][0]["primitives"]:
        names[accessors[primitive["indices"]]["bufferView"]] = {0: "indices"}
        for name, number in primitive["attributes"].items():
            view = accessors[number]["bufferView"]
            names[view][accessors[number].get("byteOffset", 0) % views[view]["byteStride"]] = name
    for table in document["extensions"]["EXT_structural_metadata"]["propertyTables"]:
        for name, column in table["properties"].items():
            names[column["values"]] = {0: f"column {name}"}
    return names


def main() -> None:
    """Print the budget of each folder named."""
    for folder in map(Path, sys.argv[1:]):
        found = budget(folder)
        total = Size(sum(size.plain for size in found.values()), sum(size.sent for size in found.values()))
        print(f"{folder}: {total.plain:,} bytes plain, {total.sent:,} sent")
        for name, size in found.items():
            print(f"  {name:16} {size.plain:10,} {size.sent:10,} {size.sent / total.sent:5.0%}")


if __name__ == "__main__":
    main()
