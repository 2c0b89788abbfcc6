"""A model's next revision meshes only what is new in it."""

from pathlib import Path

import pytest

from bim.models import Element, Revision
from bim.operations import import_file
from bim.queries import mesh_cache_file, tileset_folder
from spatial.ledger.models import Act
from tests.bim.authoring import Author

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_root")]

COUNT = 200


def walls(path: Path, raised: int = 0, shift: float = 0.0, noise: int = 0) -> Path:
    """Write 200 walls of different length; the first `raised` are 1 m higher, all moved by `shift`."""
    author = Author()
    for _ in range(noise):
        author.point(0, 0, 0)
    for number in range(COUNT):
        height = 4.0 if number < raised else 3.0
        author.box("IfcWall", (shift + number, 0, 0), (0.5 + number / 1000, 0.2, height), name=f"wall {number}")
    return author.save(path)


def imported(path: Path) -> tuple[Revision, dict[str, int]]:
    import_file(path=path, site_code="CACHE", model_name="walls")
    revision = Revision.objects.order_by("-number")[0]
    act = Act.objects.get(verb="import_model", subject_id=revision.pk)
    return revision, act.details["meshes"]


def test_a_revision_that_changes_one_percent_meshes_one_percent(tmp_path: Path) -> None:
    first, meshes = imported(walls(tmp_path / "first.ifc"))
    assert meshes == {"new": COUNT, "reused": 0, "ifclite": COUNT, "opencascade": 0}
    second, meshes = imported(walls(tmp_path / "second.ifc", raised=2, shift=7.0, noise=50))
    assert meshes == {"new": 2, "reused": COUNT - 2, "ifclite": COUNT, "opencascade": 0}
    keys = [
        dict(Element.objects.filter(revision=revision, meshed=True).values_list("name", "shape_key"))
        for revision in (first, second)
    ]
    assert {name for name in keys[0] if keys[0][name] != keys[1][name]} == {"wall 0", "wall 1"}
    box = Element.objects.get(revision=second, name="wall 150").model_box_m
    assert box == pytest.approx([157, 0, 0, 157.65, 0.2, 3])
    assert Element.objects.get(revision=second, name="wall 1").model_box_m[5] == pytest.approx(4)


def test_only_the_newest_revision_keeps_its_meshes_and_no_page_gets_them(tmp_path: Path) -> None:
    first, _ = imported(walls(tmp_path / "first.ifc"))
    assert mesh_cache_file(first.pk).is_file()
    assert not mesh_cache_file(first.pk).is_relative_to(tileset_folder(first.pk))
    second, _ = imported(walls(tmp_path / "second.ifc", raised=2))
    assert not mesh_cache_file(first.pk).exists()
    assert mesh_cache_file(second.pk).is_file()


def test_a_damaged_file_of_meshes_costs_time_and_nothing_else(tmp_path: Path) -> None:
    first, _ = imported(walls(tmp_path / "first.ifc"))
    cache = mesh_cache_file(first.pk)
    cache.write_bytes(cache.read_bytes()[:5_000] + b"\x00" * 100)
    second, meshes = imported(walls(tmp_path / "second.ifc", raised=2))
    assert 0 < meshes["reused"] < 20
    assert meshes["new"] + meshes["reused"] == COUNT
    assert Element.objects.filter(revision=second, meshed=True).count() == COUNT


def test_a_changed_colour_is_not_taken_from_the_last_revision(tmp_path: Path) -> None:
    imported(walls(tmp_path / "first.ifc"))
    author = Author()
    wall = author.box("IfcWall", (0, 0, 0), (0.5, 0.2, 3), name="wall 0")
    colour = author.file.create_entity("IfcColourRgb", None, 1.0, 0.0, 0.0)
    shading = author.file.create_entity("IfcSurfaceStyleShading", colour, 0.0)
    style = author.file.create_entity("IfcSurfaceStyle", None, "BOTH", [shading])
    author.file.create_entity("IfcStyledItem", wall.Representation.Representations[0].Items[0], [style], None)
    author.box("IfcWall", (1, 0, 0), (0.501, 0.2, 3), name="wall 1")
    _, meshes = imported(author.save(tmp_path / "red.ifc"))
    assert (meshes["new"], meshes["reused"]) == (1, 1)
