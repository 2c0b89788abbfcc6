"""The budget of a tileset names every part and adds up to its files."""

from pathlib import Path

from bim.tiles.tileset import write_tileset
from tests.bim.tiles.test_tileset import boxes

from .contestants import tiles_size
from .tile_budget import REST, budget


def test_the_parts_of_a_tileset_add_up_to_its_files(tmp_path: Path) -> None:
    write_tileset(tmp_path, boxes(300, storeys=3), None)
    found = budget(tmp_path)
    size = tiles_size(tmp_path)
    assert sum(part.plain for part in found.values()) == size.plain
    assert sum(part.sent for part in found.values()) == size.sent
    assert set(found) == {
        *("tileset.json", "JSON", "POSITION", "COLOR_0", "_FEATURE_ID_0", "_EID", "indices", "column element"), REST
    }  # fmt: skip
    assert found["column element"].plain == 2 * 300
    assert abs(found[REST].plain) < size.plain / 20
