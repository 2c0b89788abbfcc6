"""What the read stage leaves in the work folder for the assembly and the parent: model.json and elements.jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bim.ifc.placements import Candidate
from bim.ifc.records import ElementRecord, ModelRecord, StoreyRecord

MODEL, ELEMENTS, RESULT, ROWS, FOOTPRINTS = "model.json", "elements.jsonl", "result.json", "rows.npz", "footprints.bin"

LISTS = ("materials", "classifications", "groups", "placement")  # tuples of the record, lists in JSON


def write_model(folder: Path, model: ModelRecord, candidates: list[Candidate]) -> None:
    """Write the model without geometry; the element file last, so its presence says the stage is complete."""
    data = asdict_without_elements(model)
    data["candidates"] = [candidate.as_json() for candidate in candidates]
    (folder / MODEL).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    part = folder / (ELEMENTS + ".part")
    with part.open("w", encoding="utf-8") as file:
        for element in model.elements:
            file.write(json.dumps(element.__dict__, ensure_ascii=False, separators=(",", ":")) + "\n")
    part.rename(folder / ELEMENTS)


def asdict_without_elements(model: ModelRecord) -> dict[str, Any]:
    data = {key: value for key, value in model.__dict__.items() if key not in ("elements", "storeys")}
    return {**data, "storeys": [asdict(storey) for storey in model.storeys]}


def read_model_file(folder: Path) -> tuple[dict[str, Any], list[StoreyRecord], list[Candidate]]:
    """Return (the model's plain fields, storeys, candidates)."""
    data = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    storeys = [StoreyRecord(**storey) for storey in data.pop("storeys")]
    candidates = [Candidate.from_json(candidate) for candidate in data.pop("candidates")]
    return data, storeys, candidates


def read_elements(folder: Path, with_properties: bool = True) -> Iterator[ElementRecord]:
    """Yield the elements in the order of their index; without their properties, most of their weight, if told so."""
    with (folder / ELEMENTS).open(encoding="utf-8") as file:
        for line in file:
            fields = json.loads(line)
            if not with_properties:
                fields["properties"] = {}
            for name in LISTS:
                fields[name] = tuple(fields[name])
            yield ElementRecord(**fields)
