"""Models of several disciplines on one site: one building with merged storeys, and neighbours that stay apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from bim.operations import import_file
from bim.storey_names import storey_key, storeys_agree
from spatial.places.models import Building
from spatial.places.models import Storey as PlaceStorey
from tests.bim.authoring import Author

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_root")]

E, N, H = 465_661.65, 3_846_545.19, 110.5


def discipline(
    path: Path, building: str, storeys: list[tuple[str, float]], *, millimetres: bool, east: float = 0.0
) -> Path:
    """Write a slab of 10 x 6 m on each storey; heights and the shift to the east are in metres."""
    k = 1_000.0 if millimetres else 1.0
    author = Author(prefix="MILLI" if millimetres else None)
    author.building.Name = building
    for name, height in storeys:
        author.box("IfcSlab", (0, 0, (height - 0.2) * k), (10 * k, 6 * k, 0.2 * k), author.storey(name, height * k))
    author.map_conversion(
        "EPSG:4547", author.metre(), Eastings=E + east, Northings=N, OrthogonalHeight=H,
        XAxisAbscissa=1.0, XAxisOrdinate=0.0, Scale=1 / k,
    )  # fmt: skip
    return author.save(path)


ARCHITECTURE = [("首层", 0.0), ("二层", 3.0), ("三层", 6.0)]
STRUCTURE = [("B1", -4.0), ("1F", -0.05), ("2F", 2.95), ("Roof", 9.0)]


def kept() -> list[tuple[str, str, float]]:
    rows = PlaceStorey.objects.order_by("building__created_at", "elevation_m")
    return [(row.building.name, row.name, round(row.elevation_m - H, 3)) for row in rows]


def test_two_disciplines_in_millimetres_and_in_metres_are_one_building_with_merged_storeys(tmp_path: Path) -> None:
    first = discipline(tmp_path / "建筑.ifc", "1号楼", ARCHITECTURE, millimetres=True)
    second = discipline(tmp_path / "结构.ifc", "Structure", STRUCTURE, millimetres=False, east=1.0)
    assert import_file(path=first, site_code="T-1")["georeference"]["placed"]
    assert import_file(path=second, site_code="T-1")["georeference"]["placed"]
    assert kept() == [
        ("1号楼", "B1", -4.0),
        ("1号楼", "首层", 0.0),
        ("1号楼", "二层", 3.0),
        ("1号楼", "三层", 6.0),
        ("1号楼", "Roof", 9.0),
    ]


def test_a_neighbour_with_the_same_storeys_is_a_building_of_its_own(tmp_path: Path) -> None:
    import_file(path=discipline(tmp_path / "a.ifc", "1号楼", ARCHITECTURE, millimetres=True), site_code="T-1")
    import_file(path=discipline(tmp_path / "b.ifc", "2号楼", ARCHITECTURE, millimetres=True, east=40), site_code="T-1")
    assert sorted(Building.objects.values_list("name", flat=True)) == ["1号楼", "2号楼"]
    assert PlaceStorey.objects.count() == 6


def test_storeys_of_the_same_name_at_other_heights_are_not_merged(tmp_path: Path) -> None:
    import_file(path=discipline(tmp_path / "a.ifc", "1号楼", ARCHITECTURE, millimetres=True), site_code="T-1")
    other = [("1F", 0.0), ("2F", 4.5)]
    import_file(path=discipline(tmp_path / "b.ifc", "门房", other, millimetres=False), site_code="T-1")
    assert Building.objects.count() == 2


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("1", ["1F", "F1", "L1", "Level 1", "一层", "首层", "1层", "第一层", "地上一层", "1楼", "1F", "1st Floor"]),
        ("12", ["12F", "十二层", "Level 12", "L12", "第12层", "12TH FLOOR"]),
        ("20", ["二十层", "20F"]),
        ("21", ["二十一层", "L21"]),
        ("10", ["十层", "10层"]),
        ("-1", ["B1", "-1F", "地下一层", "负一层", "地下1层", "B1F", "Basement 1"]),
        ("roof", ["屋面", "屋面层", "Roof", "RF"]),
        ("机房层", ["机房层", " 机房层 "]),
    ],
)
def test_names_of_one_floor_have_one_key(key: str, names: list[str]) -> None:
    assert {name: storey_key(name) for name in names} == dict.fromkeys(names, key)


@pytest.mark.parametrize("name", ["", "层", "十十层", "二三层", "0F", "A1座"])
def test_a_name_without_a_number_is_its_own_key(name: str) -> None:
    assert storey_key(name) == name.casefold()


def test_lists_agree_only_where_no_floor_stands_at_two_heights() -> None:
    assert storeys_agree([("1F", 0.0), ("2F", 3.0)], [("首层", 0.2), ("二层", 3.1), ("三层", 6.0), ("四层", 9.0)])
    assert not storeys_agree([("1F", 0.0), ("2F", 3.0)], [("首层", 0.0), ("二层", 3.4)])
    assert not storeys_agree([("1F", 0.0)], [("地下一层", 0.0)])
    assert not storeys_agree([], [])
