"""Rows go into the database as the child has left them, or the import is refused and leaves nothing."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim import operations
from bim.copy_columns import NULL, array_fields, field, float_fields, joined
from bim.models import Element, Model, Revision
from bim.operations import import_file
from spatial.places.models import Site
from tests.bim.authoring import small_building


def test_fields_are_a_length_and_a_big_endian_value() -> None:
    assert field(b"abc") == b"\x00\x00\x00\x03abc" and NULL == b"\xff\xff\xff\xff"
    assert joined("é", "") == b"\x00\x00\x00\x02\xc3\xa9\x00\x00\x00\x00"
    one = b"\x00\x00\x00\x08" + struct.pack(">d", 1.5)
    assert list(float_fields(np.array([[1.5, 1.5], [np.nan, 1.5]]))) == [one + one, NULL + one]
    head = struct.pack(">iiiiii", 20 + 24, 1, 0, 701, 2, 1)
    assert list(array_fields(np.array([[1.5, 1.5], [np.nan, np.nan]]))) == [head + one + one, NULL]


def in_documents(old: bytes, new: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = (folder / "documents.json").read_bytes()
        assert old in content and len(old) == len(new)
        (folder / "documents.json").write_bytes(content.replace(old, new, 1))

    return damage


def in_elements(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        lines = (folder / "elements.jsonl").read_text(encoding="utf-8").splitlines()
        fields = json.loads(lines[1])
        change(fields)
        lines[1] = json.dumps(fields)
        (folder / "elements.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    return damage


def negative_length(folder: Path) -> None:
    lengths = np.load(folder / "lengths.npy")
    lengths[0, 0], lengths[0, 1] = -1, lengths[0, 1] + lengths[0, 0] + 1
    np.save(folder / "lengths.npy", lengths)


def cut(name: str, bytes_left: int) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:bytes_left])

    return damage


def longer_line(folder: Path) -> None:
    with (folder / "elements.jsonl").open("a", encoding="utf-8") as file:
        file.write("{}\n")


def outline_that_leads_back(folder: Path) -> None:
    (folder / "footprints.bin").write_bytes(struct.pack("<ii", 1, -8))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "damage",
    [
        in_documents(b"{", b"x"),
        in_documents(b"[]", b'""'[:1] + b"\xff"),
        cut("documents.json", 10),
        negative_length,
        cut("placements.npy", 200),
        cut("rows.npz", 500),
        in_elements(lambda fields: fields.pop("name")),
        in_elements(lambda fields: fields.update(name=["no text"])),
        in_elements(lambda fields: fields.update(name="\x00")),
        in_elements(lambda fields: fields.update(name="\ud800")),
        in_elements(lambda fields: fields.update(global_id="longer than twenty-two signs")),
        longer_line,
        cut("footprints.bin", 30),
        outline_that_leads_back,
    ],
)
def test_damaged_files_of_the_child_are_refused_and_leave_nothing(
    damage: Callable[[Path], None], tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_building(tmp_path / "building.ifc")
    real = operations.run_pipeline

    def then_damaged(source: Path, folder: Path, *more: Any) -> Any:
        result = real(source, folder, *more)
        damage(folder)
        return result

    monkeypatch.setattr(operations, "run_pipeline", then_damaged)
    verdict = import_file(path=tmp_path / "building.ifc", site_code="damaged")
    assert verdict["verdict"] == "refused"
    assert str(verdict["reason"]).startswith("The file broke the reader: what it left is damaged (")
    assert not Site.objects.exists() and not Model.objects.exists()
    assert not Revision.objects.exists() and not Element.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "building.ifc"]
