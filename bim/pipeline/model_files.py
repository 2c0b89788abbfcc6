"""What the read stage leaves in the work folder for the assembly and the parent."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np

from bim.ifc.placements import Candidate
from bim.ifc.records import ElementRecord, ModelRecord, StoreyRecord

MODEL, ELEMENTS, RESULT, ROWS, FOOTPRINTS = "model.json", "elements.jsonl", "result.json", "rows.npz", "footprints.bin"
DOCUMENTS, LENGTHS, PLACEMENTS = "documents.json", "lengths.npy", "placements.npy"

DOCUMENT_FIELDS = ("properties", "materials", "classifications", "groups")
_APART = {*DOCUMENT_FIELDS, "placement"}
_PLACEMENT_NUMBERS = 12
_OUTLINE = struct.Struct("<ii")


def write_model(folder: Path, model: ModelRecord, candidates: list[Candidate]) -> None:
    """Write the model without geometry; the element file last, so its presence says the stage is complete.

    Properties, materials, classifications and groups lie in a file of their own, as the JSON that the database is
    given: each element's four documents end to end, their bytes (n, 4) beside it; placements (n, 12) likewise.
    """
    data = asdict_without_elements(model)
    data["candidates"] = [candidate.as_json() for candidate in candidates]
    (folder / MODEL).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    _write_documents(folder, model.elements)
    placements = np.full((len(model.elements), _PLACEMENT_NUMBERS), np.nan)
    for row, element in enumerate(model.elements):
        if element.placement:
            placements[row] = element.placement
    np.save(folder / PLACEMENTS, placements)
    part = folder / (ELEMENTS + ".part")
    with part.open("w", encoding="utf-8") as file:
        for element in model.elements:
            fields = {name: value for name, value in element.__dict__.items() if name not in _APART}
            file.write(_json(fields) + "\n")
    part.rename(folder / ELEMENTS)


def _write_documents(folder: Path, elements: Sequence[ElementRecord]) -> None:
    lengths = []
    shared: dict[int, bytes] = {}  # by the object's own number: many elements have one and the same
    with (folder / DOCUMENTS).open("wb") as file:
        for element in elements:
            documents = [_json(element.properties).encode()]
            for value in (element.materials, element.classifications, element.groups):
                if (known := shared.get(id(value))) is None:
                    known = shared[id(value)] = _json(value).encode()
                documents.append(known)
            lengths.append(list(map(len, documents)))
            file.write(b"".join(documents))
    np.save(folder / LENGTHS, np.array(lengths, dtype=np.int64).reshape(-1, len(DOCUMENT_FIELDS)))


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def asdict_without_elements(model: ModelRecord) -> dict[str, Any]:
    data = {key: value for key, value in model.__dict__.items() if key not in ("elements", "storeys")}
    return {**data, "storeys": [asdict(storey) for storey in model.storeys]}


def read_model_file(folder: Path) -> tuple[dict[str, Any], list[StoreyRecord], list[Candidate]]:
    """Return (the model's plain fields, storeys, candidates)."""
    data = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    storeys = [StoreyRecord(**storey) for storey in data.pop("storeys")]
    candidates = [Candidate.from_json(candidate) for candidate in data.pop("candidates")]
    return data, storeys, candidates


def read_elements(folder: Path) -> Iterator[ElementRecord]:
    """Yield the elements in the order of their index, without documents and placements, most of their weight; equal
    texts are one."""
    with (folder / ELEMENTS).open(encoding="utf-8") as file:
        for line in file:
            fields: dict[str, Any] = json.loads(line)
            for name in ("ifc_class", "name", "predefined_type", "type_name", "kind"):
                fields[name] = intern(fields[name])
            yield ElementRecord(**fields)


def read_documents(folder: Path) -> Iterator[list[bytes]]:
    """Yield the JSON of each element's documents, in the order of DOCUMENT_FIELDS.

    Raises ValueError where the two files do not fit together.
    """
    lengths = np.load(folder / LENGTHS, allow_pickle=False)
    if lengths.min(initial=0) < 0 or int(lengths.sum()) != (folder / DOCUMENTS).stat().st_size:
        raise ValueError(f"{DOCUMENTS} is not as long as {LENGTHS} says")
    with (folder / DOCUMENTS).open("rb") as file:
        for row in lengths.tolist():
            yield [file.read(length) for length in row]


def write_outlines(folder: Path, outlines: dict[int, bytes]) -> None:
    """Write {element index: WKB of its MultiPolygon}."""
    with (folder / FOOTPRINTS).open("wb") as file:
        for index, wkb in outlines.items():
            file.write(_OUTLINE.pack(index, len(wkb)) + wkb)


def read_outlines(folder: Path) -> dict[int, bytes]:
    """Return what `write_outlines` wrote. Raises ValueError where that is damaged."""
    content, position = (folder / FOOTPRINTS).read_bytes(), 0
    found: dict[int, bytes] = {}
    while position < len(content):
        index, length = _OUTLINE.unpack_from(content, position)
        position += _OUTLINE.size + length
        if length < 0 or position > len(content):
            raise ValueError(f"{FOOTPRINTS} does not end with an outline")
        found[index] = content[position - length : position]
    return found
