"""Every kind of georeferencing, against the vectors of spec/domain/coordinates.json within 1 mm."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.ifc.container import check_file
from bim.ifc.map_conversion import MapConversion, MapConversionInvalid
from bim.ifc.place_sentences import Sentence, say
from bim.ifc.placements import Candidate
from bim.ifc.reading import open_model, read_model
from bim.pipeline.placing import choose_placement, to_geodetic
from bim.pipeline.site_context import HandPlaced, SiteContext
from tests.bim.authoring import Author

ZHENGZHOU = {"E": 465_661.65, "N": 3_846_545.19, "H": 110.5}
VECTORS: list[tuple[str, list[float], dict[str, float], list[float]]] = [
    ("no rotation, metres", [10, 20, 3], ZHENGZHOU, [465_671.65, 3_846_565.19, 113.5]),
    (
        "90 deg: local +x points north",
        [10, 20, 3],
        {**ZHENGZHOU, "xa": 0.0, "xo": 1.0},
        [465_641.65, 3_846_555.19, 113.5],
    ),
    (
        "30 deg, not normalised pair",
        [100, 0, 0],
        {"E": 1000.0, "N": 2000.0, "H": 5.0, "xa": 1.732050807569, "xo": 1.0},
        [1086.60254, 2050.0, 5.0],
    ),
    (
        "millimetres, map in metres",
        [10_000, 20_000, 3_000],
        {**ZHENGZHOU, "S": 0.001},
        [465_671.65, 3_846_565.19, 113.5],
    ),
    ("grid scale 0.9998 in metres", [1000, 0, 10], {"E": 0.0, "N": 0.0, "H": 0.0, "S": 0.9998}, [999.8, 0.0, 9.998]),
    (
        "IFC4X3 scaled factors",
        [1, 2, 3],
        {"E": 0.0, "N": 0.0, "H": 0.01, "S": 1.0, "fx": 2, "fy": 2, "fz": 1},
        [2.0, 4.0, 3.01],
    ),
]
NAMES = {"E": "eastings", "N": "northings", "H": "height", "xa": "abscissa", "xo": "ordinate", "S": "scale",
         "fx": "factor_x", "fy": "factor_y", "fz": "factor_z"}  # fmt: skip
IFC_NAMES = {"E": "Eastings", "N": "Northings", "H": "OrthogonalHeight", "xa": "XAxisAbscissa", "xo": "XAxisOrdinate",
             "S": "Scale", "fx": "FactorX", "fy": "FactorY", "fz": "FactorZ"}  # fmt: skip
BOX = np.array([[0.0, 0, 0], [20, 10, 30]])


def candidates(author: Author, tmp_path: Path) -> list[Candidate]:
    path = author.save(tmp_path / "source.ifc")
    checked = check_file(path, tmp_path)
    return read_model(open_model(checked)[0], checked)[1]


def mapped(candidate: Candidate, point_m: list[float]) -> np.ndarray:
    return candidate.affine[:3, :3] @ np.array(point_m) + candidate.affine[:3, 3]


@pytest.mark.parametrize(("name", "local", "op", "expected"), VECTORS, ids=[vector[0] for vector in VECTORS])
def test_the_conversion_agrees_with_the_vector_within_1_mm(
    name: str, local: list[float], op: dict[str, float], expected: list[float]
) -> None:
    conversion = MapConversion(**{NAMES[key]: value for key, value in op.items()})
    assert conversion.to_map(np.array([local]))[0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("name", "local", "op", "expected"), VECTORS, ids=[vector[0] for vector in VECTORS])
def test_a_file_with_the_conversion_agrees_with_the_vector_within_1_mm(
    name: str, local: list[float], op: dict[str, float], expected: list[float], tmp_path: Path
) -> None:
    millimetres = "millimetres" in name
    author = Author("IFC4X3_ADD2" if "fx" in op else "IFC4", prefix="MILLI" if millimetres else None)
    values = {IFC_NAMES[key]: float(value) for key, value in op.items()}
    author.map_conversion(
        "EPSG:4547", author.metre(), "IfcMapConversionScaled" if "fx" in op else "IfcMapConversion", **values
    )
    (candidate,) = candidates(author, tmp_path)
    assert candidate.problem == "" and candidate.level == 50
    metres = [value * 0.001 if millimetres else value for value in local]
    assert mapped(candidate, metres) == pytest.approx(expected, abs=1e-3)


def test_a_rotation_without_length_and_a_scale_of_zero_are_refused() -> None:
    with pytest.raises(MapConversionInvalid, match="has no length"):
        MapConversion(0, 0, 0, abscissa=0.0, ordinate=0.0).matrix()
    with pytest.raises(MapConversionInvalid, match="must be above zero"):
        MapConversion(0, 0, 0, scale=0.0).matrix()


def test_millimetres_with_scale_left_out_get_the_unit_ratio_and_a_warning(tmp_path: Path) -> None:
    author = Author(prefix="MILLI")
    author.map_conversion(
        "EPSG:4547", author.metre(), Eastings=465_661.65, Northings=3_846_545.19, OrthogonalHeight=110.5
    )
    (candidate,) = candidates(author, tmp_path)
    assert mapped(candidate, [10, 20, 3]) == pytest.approx([465_671.65, 3_846_565.19, 113.5], abs=1e-3)
    assert candidate.warnings == (
        "The model's unit is 0.001 m, the map's 1 m, but Scale is 1: the unit ratio 0.001 was applied.",
    )


def test_a_map_unit_of_millimetres_is_read(tmp_path: Path) -> None:
    author = Author(prefix="MILLI")
    author.map_conversion(
        "EPSG:4547",
        author.length,
        Eastings=465_661_650.0,
        Northings=3_846_545_190.0,
        OrthogonalHeight=110_500.0,
        Scale=1.0,
    )
    (candidate,) = candidates(author, tmp_path)
    assert candidate.warnings == ()
    assert mapped(candidate, [10, 20, 3]) == pytest.approx([465_671.65, 3_846_565.19, 113.5], abs=1e-3)


def test_a_missing_map_unit_is_read_as_metres_only_where_nothing_else_fits_and_says_so(tmp_path: Path) -> None:
    author = Author(prefix="MILLI")
    author.map_conversion(
        "EPSG:4547", None, Eastings=465_661.65, Northings=3_846_545.19, OrthogonalHeight=110.5, Scale=0.001
    )
    (candidate,) = candidates(author, tmp_path)
    assert mapped(candidate, [10, 20, 3]) == pytest.approx([465_671.65, 3_846_565.19, 113.5], abs=1e-3)
    assert "MapUnit is missing" in candidate.warnings[0]


@pytest.mark.parametrize("name", ["ePSet_MapConversion", "EPset_mapconversion", "EPSET_MAPCONVERSION"])
def test_ifc2x3_map_conversion_property_sets_are_read_in_any_letter_case(name: str, tmp_path: Path) -> None:
    author = Author("IFC2X3")
    author.properties(author.site, name, {"Eastings": 465_661.65, "Northings": 3_846_545.19, "OrthogonalHeight": 110.5,
                                          "XAxisAbscissa": 0.0, "XAxisOrdinate": 1.0, "Scale": 1.0})  # fmt: skip
    author.properties(author.site, name.replace("ap", "AP").replace("MapConversion", "ProjectedCRS")
                      .replace("mapconversion", "projectedcrs").replace("MAPCONVERSION", "PROJECTEDCRS")
                      .replace("MAPConversion", "ProjectedCRS").replace("mAPconversion", "projectedcrs"),
                      {"Name": "EPSG:4547"})  # fmt: skip
    (candidate,) = candidates(author, tmp_path)
    assert (candidate.source, candidate.crs) == ("ePSet_MapConversion", "EPSG:4547")
    assert mapped(candidate, [10, 20, 3]) == pytest.approx([465_641.65, 3_846_555.19, 113.5], abs=1e-3)


def test_a_rigid_operation_only_moves(tmp_path: Path) -> None:
    author = Author("IFC4X3_ADD2")
    length = author.file.create_entity
    author.map_conversion(
        "EPSG:4547", author.metre(), "IfcRigidOperation", FirstCoordinate=length("IfcLengthMeasure", 465_661.65),
        SecondCoordinate=length("IfcLengthMeasure", 3_846_545.19), Height=110.5,
    )  # fmt: skip
    (candidate,) = candidates(author, tmp_path)
    assert mapped(candidate, [10, 20, 3]) == pytest.approx([465_671.65, 3_846_565.19, 113.5], abs=1e-3)


def test_a_world_coordinate_system_is_applied_before_the_conversion_and_said(tmp_path: Path) -> None:
    author = Author(prefix="MILLI")
    author.context.WorldCoordinateSystem = author.axes(1_000, 0, 0, x_axis=(0, 1, 0))
    author.map_conversion(
        "EPSG:4547", author.metre(), Eastings=465_661.65, Northings=3_846_545.19, OrthogonalHeight=0.0, Scale=0.001
    )
    (candidate,) = candidates(author, tmp_path)
    assert mapped(candidate, [10, 0, 0]) == pytest.approx([465_662.65, 3_846_555.19, 0], abs=1e-3)
    assert "WorldCoordinateSystem is not the identity" in candidate.warnings[0]


def test_latitude_and_longitude_carry_the_sign_in_every_part(tmp_path: Path) -> None:
    author = Author()
    author.latitude((-34, -44, -47, -760_000), (113, 37, 30))
    (candidate,) = candidates(author, tmp_path)
    assert (candidate.lat_deg, candidate.lon_deg) == pytest.approx((-34.7466, 113.625), abs=1e-9)


def test_true_north_turns_a_model_placed_by_latitude(tmp_path: Path) -> None:
    author = Author()
    author.latitude((34, 44, 47, 760_000), (113, 37, 30), 110.5)
    author.context.TrueNorth = author.direction(1, 0)  # the project's x axis points north
    (candidate,) = candidates(author, tmp_path)
    lon, lat, height = to_geodetic(candidate, np.array([[100.0, 0, 3]]))[0]
    assert (lat - 34.7466) * 110_930 == pytest.approx(100, abs=0.1)
    assert ((lon - 113.625) * 91_000, height) == pytest.approx((0, 113.5), abs=0.01)


def conversion(crs: str = "EPSG:4547", **values: Any) -> Candidate:
    numbers = {"eastings": 465_661.65, "northings": 3_846_545.19, "height": 110.5, **values}
    matrix = MapConversion(**numbers).matrix()
    return Candidate(50, "IfcMapConversion", "projected", crs, tuple(matrix.ravel()))


def latitude(lon: float, lat: float) -> Candidate:
    return Candidate(20, "IfcSite latitude and longitude", "geographic", "EPSG:4490", lon_deg=lon, lat_deg=lat)


def test_the_highest_level_that_can_be_trusted_is_used_and_the_disagreement_is_said() -> None:
    placement = choose_placement([conversion(), latitude(121.2655, 31.3747)], BOX, SiteContext())
    report = placement.report
    assert (report["placed"], report["level"], report["crs"]) == (True, 50, "EPSG:4547")
    assert report["others"][0]["distance_m"] == pytest.approx(803_000, rel=0.01)
    assert "IfcSite latitude and longitude disagrees by 80" in report["explanation"]
    assert placement.frame is not None
    assert placement.frame.lon_deg == pytest.approx(113.625109, abs=1e-6)


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        (latitude(-71.0567, 42.3583), "outside China"),
        (conversion(eastings=38_465_661.65), "EPSG:4526 would"),
        (conversion("EPSG:4526"), "EPSG:4547 would"),
        (conversion(eastings=3_846_545.19, northings=465_661.65), "swapped"),
        (conversion(scale=1000.0), "stretch the model 1000 times"),
        (conversion("EPSG:99999"), "not one that PROJ knows"),
        (conversion(height=50_000.0), "height of 500"),
    ],
)
def test_a_place_that_cannot_be_trusted_leaves_the_model_unplaced_with_the_reason(
    candidate: Candidate, words: str
) -> None:
    placement = choose_placement([candidate], BOX, SiteContext())
    assert not placement.placed and placement.frame is None
    assert words in placement.report["reason"]


def test_a_model_that_is_georeferenced_twice_is_noticed() -> None:
    box = BOX + np.array([465_661.65, 3_846_545.19, 0])
    placement = choose_placement([conversion()], box, SiteContext())
    assert "would place it twice" in placement.report["reason"]


def test_a_place_more_than_2_km_from_the_sites_boundary_is_not_trusted() -> None:
    near = ((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75))
    assert choose_placement([conversion()], BOX, SiteContext(4547, boundary=near)).placed
    far = tuple((lon + 0.05, lat) for lon, lat in near)
    placement = choose_placement([conversion()], BOX, SiteContext(4547, (113.675, 34.745), 100.0, far))
    assert "away from the site (2 km are allowed)" in placement.report["reason"]


def test_an_unplaced_model_stands_at_the_sites_own_origin_on_its_ground() -> None:
    site = SiteContext(4547, (113.77, 34.765), 105.0)
    placement = choose_placement([], BOX, site)
    assert placement.frame is not None and not placement.placed
    assert (placement.frame.lon_deg, placement.frame.lat_deg, placement.frame.height_m) == (113.77, 34.765, 105.0)
    assert placement.to_frame(np.array([[10.0, 5, 0]]))[0] == pytest.approx([0, 0, 0])
    assert placement.report["explanation"] == "Unplaced. The file holds no georeference."


def test_map_coordinates_without_a_crs_take_the_sites_own_and_say_so() -> None:
    raw = Candidate(30, "IfcSite placement", "projected")
    box = BOX + np.array([465_661.65, 3_846_545.19, 110])
    placement = choose_placement([raw], box, SiteContext(4547, (113.625, 34.7466), 110.0))
    assert placement.report["crs"] == "EPSG:4547"
    assert "the site's own, EPSG:4547, was taken" in placement.report["warnings"][0]
    assert not choose_placement([raw], box, SiteContext()).placed


def test_tile_positions_of_a_long_model_follow_the_earth_exactly() -> None:
    box = np.array([[-2_000.0, -50, 0], [2_000, 50, 10]])
    placement = choose_placement([conversion()], box, SiteContext())
    ends = np.array([[-2_000.0, 0, 0], [2_000, 0, 0]])
    candidate, frame = placement.candidate, placement.frame
    assert candidate is not None and frame is not None and placement.linear is None
    assert placement.to_frame(ends) == pytest.approx(frame.from_geodetic(to_geodetic(candidate, ends)), abs=1e-9)
    assert placement.to_frame(ends)[0, 2] == pytest.approx(-(2_000**2) / (2 * 6_371_000), abs=0.02)


def test_tile_positions_of_a_building_are_within_a_millimetre_of_exact() -> None:
    box = np.array([[0.0, 0, 0], [100, 60, 90]])
    placement = choose_placement([conversion(abscissa=1.0, ordinate=0.3)], box, SiteContext())
    corners = np.array([[x, y, z] for x in (0.0, 100) for y in (0.0, 60) for z in (0.0, 90)])
    candidate, frame = placement.candidate, placement.frame
    assert candidate is not None and frame is not None and placement.linear is not None
    assert placement.to_frame(corners) == pytest.approx(
        frame.from_geodetic(to_geodetic(candidate, corners)), abs=1.5e-3
    )


NEAR = ((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75))


@pytest.mark.parametrize(
    ("datum", "lon", "lat", "shift"),
    [("GCJ-02", 113.631046331, 34.745417014, 569.0), ("BD-09", 113.637447988, 34.75171949, 1273.47)],
)
@pytest.mark.parametrize("site", [SiteContext(4547, boundary=NEAR), SiteContext(4547, origin=(113.625, 34.7466))])
def test_latitudes_in_a_web_maps_datum_are_noticed_and_never_corrected(
    datum: str, lon: float, lat: float, shift: float, site: SiteContext
) -> None:
    placement = choose_placement([latitude(lon, lat)], BOX, site)
    assert not placement.placed
    assert f"shift of {datum}, the datum of web maps" in placement.report["reason"]
    said = placement.report["others"][0]["problem_said"]
    assert (said["code"], said["values"]["datum"]) == ("web_map_datum", datum)
    assert float(said["values"]["shift"]) == pytest.approx(shift, abs=1)


def test_a_map_conversion_made_from_a_web_map_is_noticed() -> None:
    from spatial import crs

    east, north = crs.transform_point(113.631046331, 34.745417014, from_srid=4490, to_srid=4547)
    placement = choose_placement([conversion(eastings=east, northings=north)], BOX, SiteContext(4547, boundary=NEAR))
    assert "shift of GCJ-02" in placement.report["reason"]


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(113.625, 34.7466), (113.6275, 34.7454), (113.612, 34.7466), (113.631, 34.7600)],
    ids=["on the site", "shifted but still on it", "off to the west", "off to the north"],
)
def test_a_place_on_the_site_or_off_it_elsewhere_is_no_web_map(lon: float, lat: float) -> None:
    report = choose_placement([latitude(lon, lat)], BOX, SiteContext(4547, boundary=NEAR)).report
    assert "web maps" not in str(report)


def test_latitude_added_to_map_coordinates_would_place_twice() -> None:
    box = BOX + np.array([465_661.65, 3_846_545.19, 0])
    placement = choose_placement([latitude(113.625, 34.7466)], box, SiteContext())
    assert "would place it twice" in placement.report["reason"]


def test_a_candidate_keeps_the_codes_of_its_sentences_through_json() -> None:
    sent = Candidate(50, "IfcMapConversion", "projected", problem=say("bad_scale", scale="0"), warnings=(say("rough"),))
    back = Candidate.from_json(json.loads(json.dumps(sent.as_json())))
    assert back == sent and isinstance(back.problem, Sentence) and back.problem.code == "bad_scale"
    assert isinstance(back.warnings[0], Sentence) and back.warnings[0].code == "rough"


def test_a_crs_given_as_well_known_text_is_read(tmp_path: Path) -> None:
    from pyproj import CRS

    author = Author("IFC4X3_ADD2")
    operation = author.map_conversion(None, author.metre(), Eastings=465_661.65, Northings=3_846_545.19,
                                      OrthogonalHeight=110.5)  # fmt: skip
    author.file.create_entity("IfcWellKnownText", CRS.from_epsg(4547).to_wkt(), operation.TargetCRS)
    (candidate,) = candidates(author, tmp_path)
    assert candidate.problem == "" and candidate.crs.startswith("PROJCRS[")
    lon, lat, height = to_geodetic(candidate, np.zeros((1, 3)))[0]
    assert (lon, lat, height) == pytest.approx((113.625, 34.7466, 110.5), abs=1e-6)


def test_a_map_unit_of_feet_is_read(tmp_path: Path) -> None:
    author = Author(unit="FOOT")
    author.map_conversion(
        "EPSG:4547", author.length, Eastings=465_661.65 / 0.3048, Northings=3_846_545.19 / 0.3048,
        OrthogonalHeight=110.5 / 0.3048, Scale=1.0,
    )  # fmt: skip
    (candidate,) = candidates(author, tmp_path)
    assert candidate.warnings == ()
    assert mapped(candidate, [10, 20, 3]) == pytest.approx([465_671.65, 3_846_565.19, 113.5], abs=1e-3)


def test_a_place_by_hand_wins_over_the_files_own_and_says_how_far_they_differ() -> None:
    matrix = tuple(MapConversion(465_661.65 + 3.2, 3_846_545.19, 110.5).matrix().ravel())
    placed = Candidate(60, "Placed by hand", "projected", "EPSG:4547", matrix)
    hand = HandPlaced(placed, 1, "2026-11-26", "林工", 2, 0.01)
    site = SiteContext.from_json(json.loads(json.dumps(SiteContext(4547, hand=hand).as_json())))
    assert site.hand == hand
    report = choose_placement([conversion()], BOX, site).report
    assert report["explanation"] == (
        "Placed by hand on 2026-11-26 by 林工 in EPSG:4547, rotated 0.0°. "
        "The file's own IfcMapConversion differs by 3.2 m."
    )
    assert report["hand"] == {"number": 1, "on": "2026-11-26", "by": "林工", "pairs": 2, "rms_m": 0.01}
