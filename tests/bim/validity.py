"""Whether a written tileset is valid: every GLB by Khronos' validator, the tree by its own rules.

The validator cannot look into EXT_meshopt_compression, so each GLB is also checked with its buffers unpacked: then
it compares every accessor's values with its limits and every index with the number of vertices.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import meshopt
import numpy as np

from tests.bim.tile_reader import PACKED, Glb
from tests.tools.node import Finding, validate_gltf

STEP_M = 1e-6


def gltf_errors(folder: Path, work: Path) -> list[str]:
    """Return the validator's errors for every GLB below the folder, as written and unpacked; print other findings."""
    written = sorted(folder.rglob("*.glb"))
    work.mkdir(parents=True, exist_ok=True)
    unpacked: dict[Path, Path] = {}
    for number, path in enumerate(written):
        copy = work / f"{number}.glb"
        copy.write_bytes(unpacked_glb(path))
        unpacked[copy] = path
    found = validate_gltf([*written, *unpacked])
    others: Counter[tuple[str, str]] = Counter()
    errors = []
    for path, findings in found.items():
        name = f"{unpacked[path].name} unpacked" if path in unpacked else path.name
        others.update((each.severity, each.code) for each in findings if each.severity != "error")
        errors += [_sentence(name, each) for each in findings if each.severity == "error"]
    for (severity, code), count in sorted(others.items()):
        print(f"glTF validator, {severity} {code}: {count} in {len(written)} files")
    return errors


def _sentence(name: str, finding: Finding) -> str:
    return f"{name}: {finding.code} at {finding.pointer or '/'}: {finding.message}"


def unpacked_glb(path: Path) -> bytes:
    """Return the GLB with its meshopt buffer views decoded into one plain buffer."""
    glb = Glb(path)
    document = json.loads(json.dumps(glb.json))
    data = bytearray()
    for view in document["bufferViews"]:
        packed = view.get("extensions", {}).pop(PACKED, None)
        content = _decoded(glb.data, packed) if packed else _plain(glb.data, view)
        if not view.get("extensions"):
            view.pop("extensions", None)
        data.extend(b"\0" * (-len(data) % 8))
        view.update(buffer=0, byteOffset=len(data), byteLength=len(content))
        data.extend(content)
    data.extend(b"\0" * (-len(data) % 8))
    document["buffers"] = [{"byteLength": len(data)}]
    for key in ("extensionsUsed", "extensionsRequired"):
        document[key] = [name for name in document.get(key, ()) if name != PACKED]
        if not document[key]:
            del document[key]
    return packed_glb(document, bytes(data))


def packed_glb(document: dict[str, Any], data: bytes) -> bytes:
    """Return a GLB of a document and its one buffer."""
    text = json.dumps(document, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    head = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(data))
    return b"".join(
        [head, struct.pack("<I4s", len(text), b"JSON"), text, struct.pack("<I4s", len(data), b"BIN\0"), data]
    )


def _plain(data: bytes, view: dict[str, Any]) -> bytes:
    return data[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]


def _decoded(data: bytes, packed: dict[str, Any]) -> bytes:
    encoded = data[packed["byteOffset"] : packed["byteOffset"] + packed["byteLength"]]
    rows = meshopt.decode_gltf_buffer(encoded, packed["count"], packed["byteStride"], packed["mode"])
    return np.ascontiguousarray(rows).tobytes()


def structure_faults(folder: Path) -> list[str]:
    """Return what is wrong with the tree: sizes of errors, volumes, uris, files that no tile names.

    Lengths are metres; vertices are the decoded ones, in the tile frame, and every ancestor's volume must hold them.
    """
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    faults = [] if tileset["asset"]["version"] == "1.1" else ["asset: the version is not 1.1"]
    if tileset["geometricError"] <= tileset["root"]["geometricError"]:
        faults.append("root: its geometric error is not below the tileset's")
    named: list[str] = []
    _check_tile(folder, tileset["root"], [], "root", faults, named)
    faults += [f"{uri}: named by {count} tiles" for uri, count in Counter(named).items() if count > 1]
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    faults += [f"{name}: no tile names it" for name in sorted(there - set(named) - {"tileset.json"})]
    return faults


def _check_tile(
    folder: Path, tile: dict[str, Any], above: list[np.ndarray], where: str, faults: list[str], named: list[str]
) -> None:
    box = _box(tile)
    if (box[1] <= box[0]).any():
        faults.append(f"{where}: its volume is flat or turned inside out")
    if not tile.get("children") and tile["geometricError"] != 0:
        faults.append(f"{where}: a leaf whose geometric error is not 0")
    if above and ((box[0] < above[-1][0] - STEP_M) | (box[1] > above[-1][1] + STEP_M)).any():
        faults.append(f"{where}: its volume leaves its parent's")
    around = [*above, box]
    if "content" in tile:
        uri = tile["content"]["uri"]
        named.append(uri)
        if (folder / uri).is_file():
            _check_content(folder / uri, around, where, faults)
        else:
            faults.append(f"{where}: {uri} does not exist")
    for number, child in enumerate(tile.get("children", ())):
        name = f"{where}/{number}"
        if child["geometricError"] >= tile["geometricError"]:
            faults.append(f"{name}: its geometric error {child['geometricError']:g} does not fall")
        _check_tile(folder, child, around, name, faults, named)


def _check_content(path: Path, around: list[np.ndarray], where: str, faults: list[str]) -> None:
    for primitive in Glb(path).primitives():
        points = primitive["position"]
        for depth, (lower, upper) in enumerate(reversed(around)):
            outside = int(((points < lower - STEP_M) | (points > upper + STEP_M)).any(axis=1).sum())
            if outside:
                faults.append(f"{where}: {outside} vertices lie outside the volume {depth} levels up")


def _box(tile: dict[str, Any]) -> np.ndarray:
    """Return (2, 3): the lower and upper corner of an upright box volume."""
    box = np.array(tile["boundingVolume"]["box"])
    axes = box[3:].reshape(3, 3)
    half = np.abs(axes).sum(axis=0)
    return np.array([box[:3] - half, box[:3] + half])
