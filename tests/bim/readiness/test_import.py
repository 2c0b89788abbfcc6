"""Readiness of authored IFC files through the whole import and the second reading in the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.utils import timezone

from bim.models import Revision
from bim.operations import import_file
from bim.readiness.catalogue import FUNCTIONS
from bim.readiness.models import ReadinessCheck, ReadinessReport
from bim.readiness.operations import MOST_RETRIES, ask_again, ask_for_report, requeue_interrupted, run_report
from spatial.crs import transform_shape
from spatial.ledger.models import Act
from spatial.media import blob_path
from spatial.places.operations import create_organisation, create_site

from .buildings import EAST, HEIGHT_M, NORTH, ReadyBuilding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_root")]

ALL_A = dict.fromkeys(FUNCTIONS, "A")


@pytest.fixture(autouse=True)
def site(db: None) -> Any:
    """A site of about 200 x 200 m around the building, its ground at the building's zero."""
    from shapely import Point as PlanPoint

    at = transform_shape(PlanPoint(EAST + 5, NORTH + 3), from_srid=4547, to_srid=4490)
    west, east, south, north = at.x - 0.001, at.x + 0.001, at.y - 0.001, at.y + 0.001
    outline = Polygon(((west, south), (east, south), (east, north), (west, north), (west, south)), srid=4490)
    return create_site(
        code="READY", name="工地", organisation=create_organisation(name="总包"), boundary=outline,
        location=Point(at.x, at.y, srid=4490), projected_srid=4547, ground_height_m=HEIGHT_M, actor=None,
        now=timezone.now(),
    )  # fmt: skip


def report_of(building: ReadyBuilding, tmp_path: Path) -> ReadinessReport:
    verdict = import_file(path=building.save(tmp_path / "model.ifc"), site_code="READY")
    assert verdict["verdict"] == "imported"
    waiting = ReadinessReport.objects.latest("created_at")
    assert (waiting.state, waiting.grades) == ("waiting", {})
    report = run_report(report_id=waiting.pk)
    assert report is not None and (report.state, report.problem) == ("done", "")
    return report


def fallen(report: ReadinessReport) -> dict[str, tuple[str, int, int]]:
    """Return {check: (outcome, failed, checked)} of what is not A."""
    rows = ReadinessCheck.objects.filter(report=report, outcome__in=["B", "C"])
    return {row.identifier: (row.outcome, row.failed, row.checked) for row in rows}


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3_ADD2"])
def test_an_authored_building_is_ready_for_every_function_in_every_schema(schema: str, tmp_path: Path) -> None:
    report = report_of(ReadyBuilding(schema), tmp_path)
    assert fallen(report) == {}
    assert report.grades == ALL_A
    counts = {row.identifier: (row.checked, row.failed) for row in report.checks.all()}
    assert counts["fall_edges.voids_cut"] == (1, 0) and counts["fall_edges.holes_named"] == (1, 0)
    assert counts["fall_edges.stair_holes"] == (1, 0) and counts["fall_edges.railings_high"] == (1, 0)
    assert counts["georeference.inside_site"] == (9, 0) and counts["evacuation.doors_join"] == (1, 0)


def test_what_kind_an_element_is_may_be_said_by_its_type(tmp_path: Path) -> None:
    building = ReadyBuilding("IFC4")
    for element in [
        each for name in ("IfcSlab", "IfcRailing", "IfcSensor") for each in building.author.file.by_type(name)
    ]:
        kind = building.author.rooted(f"{element.is_a()}Type", Name="型号", PredefinedType=element.PredefinedType)
        building.author.relate("IfcRelDefinesByType", RelatedObjects=[element], RelatingType=kind)
        element.PredefinedType = None
    report = report_of(building, tmp_path)
    counts = {row.identifier: (row.outcome, row.failed, row.checked) for row in report.checks.all()}
    assert [counts[name] for name in ("FAL-01", "FAL-02", "DEV-03")] == [("A", 0, 2), ("A", 0, 1), ("A", 0, 1)]
    assert report.grades == ALL_A


LACKING = [
    ("place", "georeference", {"georeference.placed": ("C", 1, 1), "GEO-01": ("B", 0, 0), "GEO-02": ("B", 0, 0)}),
    ("storey name", "storeys", {"STO-01": ("B", 1, 2)}),
    ("wall once", "elements", {"elements.duplicates": ("B", 1, 10)}),
    ("wall name", "elements", {"ELM-01": ("B", 1, 6)}),
    ("through hole", "fall_edges", {"fall_edges.voids_cut": ("C", 1, 1), "fall_edges.stair_holes": ("C", 1, 1)}),
    ("stair hole", "fall_edges", {"fall_edges.stair_holes": ("C", 1, 1)}),
    ("opening name", "fall_edges", {"FAL-03": ("B", 1, 1)}),
    ("railing height", "fall_edges", {"fall_edges.railings_high": ("B", 1, 1)}),
    ("railing", "fall_edges", {"FAL-02": ("B", 0, 0)}),
    ("cover", "evacuation", {"evacuation.spaces_cover": ("B", 1, 2)}),
    ("door width", "evacuation", {"EVA-02": ("C", 1, 1)}),
    ("fire rating", "fire", {"FIR-01": ("C", 1, 1)}),
    ("zone", "fire", {"fire.compartments": ("B", 2, 2), "FIR-04": ("B", 0, 0)}),
    ("device tag", "devices", {"DEV-01": ("C", 1, 1)}),
    ("device kind", "devices", {"DEV-03": ("B", 1, 1)}),
]  # fmt: skip


def test_specifications_for_another_schema_are_not_judged(tmp_path: Path) -> None:
    report = report_of(ReadyBuilding("IFC2X3"), tmp_path)
    assert list(report.checks.filter(why="schema").values_list("identifier", flat=True)) == [
        "GEO-01", "GEO-02", "DEV-01", "DEV-03",
    ]  # fmt: skip


@pytest.mark.parametrize(("lacking", "function", "checks"), LACKING, ids=[row[0] for row in LACKING])
def test_a_building_that_lacks_one_thing_loses_one_grade_and_no_other(
    lacking: str, function: str, checks: dict[str, tuple[str, int, int]], tmp_path: Path
) -> None:
    report = report_of(ReadyBuilding(lacking=lacking), tmp_path)
    assert fallen(report) == checks
    worst = max(outcome for outcome, _failed, _checked in checks.values())
    assert report.grades == {**ALL_A, function: worst}


def test_the_failing_element_is_named(tmp_path: Path) -> None:
    """By a check of geometry and by a specification."""
    report = report_of(ReadyBuilding(lacking="fire rating"), tmp_path)
    wall = report.revision.elements.get(ifc_class="IfcWall")
    assert report.checks.get(identifier="FIR-01").elements == [wall.index]
    report = report_of(ReadyBuilding(lacking="railing height"), tmp_path)
    row = report.checks.get(identifier="fall_edges.railings_high")
    railing = report.revision.elements.get(ifc_class="IfcRailing")
    assert (row.elements, row.figures) == ([railing.index], {"lowest_m": 0.9})


def test_asking_twice_makes_one_report_and_asking_again_computes_it_anew(tmp_path: Path) -> None:
    report = report_of(ReadyBuilding(), tmp_path)
    revision = Revision.objects.get()
    assert ask_for_report(revision=revision) == report
    assert run_report(report_id=report.pk) is None, "what is done is not done again by itself"
    again = ask_again(report=report, actor=None, now=timezone.now())
    assert again.state == "waiting" and Act.objects.filter(verb="check_readiness").count() == 1
    ask_again(report=report, actor=None, now=timezone.now())
    assert Act.objects.filter(verb="check_readiness").count() == 1, "what waits is not asked for twice"
    assert requeue_interrupted() == [report.pk]
    done = run_report(report_id=report.pk)
    assert done is not None and done.grades == report.grades and done.checks.count() == 47


def test_a_revision_whose_file_is_gone_is_judged_by_its_rows_and_says_so(tmp_path: Path) -> None:
    import_file(path=ReadyBuilding().save(tmp_path / "model.ifc"), site_code="READY")
    blob_path(Revision.objects.get().file_sha256).unlink()
    report = run_report(report_id=ReadinessReport.objects.get().pk)
    assert report is not None and (report.state, report.problem) == ("done", "The file is no longer kept.")
    assert report.checks.filter(why="not_read").count() == 26
    assert report.checks.get(identifier="elements.shaped").outcome == "A"


def test_a_second_reading_that_takes_too_long_costs_only_what_needs_it(tmp_path: Path) -> None:
    import_file(path=ReadyBuilding().save(tmp_path / "model.ifc"), site_code="READY")
    report = run_report(report_id=ReadinessReport.objects.get().pk, limit_s=0.01)
    assert report is not None and report.state == "done"
    assert report.problem == "The second reading of the file was stopped at its limit of 0.01 s."
    assert report.checks.get(identifier="storeys.assigned").outcome == "A"
    assert report.checks.get(identifier="STO-01").why == "not_read"


def test_a_check_that_breaks_leaves_a_report_that_says_so_and_can_be_asked_for_again(
    tmp_path: Path, settings: Any
) -> None:
    import_file(path=ReadyBuilding().save(tmp_path / "model.ifc"), site_code="READY")
    settings.TWINWALL_DATA_ROOT = tmp_path / "model.ifc"  # a file: no work folder can be made in it
    early = run_report(report_id=ReadinessReport.objects.get().pk)
    assert early is not None and (early.state, early.problem) == ("waiting", ""), "it is tried again in a while"
    report = run_report(report_id=early.pk, attempt=MOST_RETRIES)
    assert report is not None and (report.state, report.grades) == ("failed", {})
    assert report.problem.startswith("The check failed by an error of ours (")
    settings.TWINWALL_DATA_ROOT = tmp_path / "data"
    ask_again(report=report, actor=None, now=timezone.now())
    done = run_report(report_id=report.pk)
    assert done is not None and (done.state, done.problem) == ("done", "")
