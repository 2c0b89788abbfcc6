"""Readiness of real models, with counts that were looked at in the files.

The files are never copied into the project. Without them these tests are skipped, loudly.
"""

from __future__ import annotations

from typing import Any

import pytest

from bim.operations import import_file
from bim.readiness.models import ReadinessReport
from bim.readiness.operations import run_report

from .test_open_models import OPEN, data_root

__all__ = ["data_root"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not OPEN.is_dir(), reason=f"REAL MODELS ARE NOT TESTED: {OPEN} does not exist."),
]


def report_of(name: str) -> ReadinessReport:
    import_file(path=OPEN / name, site_code="REAL")
    report = run_report(report_id=ReadinessReport.objects.get().pk)
    assert report is not None and (report.state, report.problem) == ("done", "")
    return report


def lacking(report: ReadinessReport) -> dict[str, tuple[str, int, int]]:
    rows = report.checks.filter(outcome__in=["B", "C"])
    return {row.identifier: (row.outcome, row.failed, row.checked) for row in rows}


def figures(report: ReadinessReport, identifier: str) -> Any:
    return report.checks.get(identifier=identifier).figures


def names(report: ReadinessReport, identifier: str) -> list[str]:
    row = report.checks.get(identifier=identifier)
    return sorted(report.revision.elements.filter(index__in=row.elements).values_list("name", flat=True))


NOT_ASKED_OF_IT = {"fire.compartments", "FIR-04", "devices.in_storey", "devices.in_space", "georeference.placed"}
"""None of these models has a zone or a device, and all stand outside China: unplaced."""


def own(found: dict[str, tuple[str, int, int]]) -> dict[str, tuple[str, int, int]]:
    return {name: row for name, row in found.items() if name not in NOT_ASKED_OF_IT and not name.startswith("DEV")}


def test_fzk_haus_lacks_fire_ratings_and_five_centimetres_of_railing() -> None:
    report = report_of("ThatOpen_engine_web-ifc__AC20-FZK-Haus.ifc")
    assert report.grades == {
        "georeference": "C", "storeys": "A", "elements": "B", "fall_edges": "B", "evacuation": "B", "fire": "C",
        "devices": "C",
    }  # fmt: skip
    found = lacking(report)
    assert own(found) == {
        "GEO-01": ("B", 0, 0),
        "GEO-02": ("B", 0, 0),
        "ELM-01": ("B", 2, 40),  # the two railings have no name
        "fall_edges.railings_high": ("B", 2, 2),
        "EVA-03": ("B", 5, 5),
        "FIR-01": ("C", 13, 13),
        "FIR-02": ("B", 4, 4),
    }
    assert found["fire.compartments"] == ("B", 7, 7)
    assert figures(report, "fall_edges.railings_high") == {"lowest_m": 1.0}
    counts = {row.identifier: (row.failed, row.checked) for row in report.checks.all()}
    assert counts["fall_edges.voids_cut"] == (0, 1) and counts["fall_edges.stair_holes"] == (0, 1)
    assert counts["evacuation.spaces_closed"] == (0, 7) and counts["evacuation.spaces_cover"] == (0, 2)


def test_duplex_has_a_ceiling_twice_two_open_spaces_and_a_foundation_for_a_storey() -> None:
    report = report_of("stijngoedertier_georeference-ifc__Duplex_A_20110907_georeferenced.ifc")
    assert report.grades == {
        "georeference": "C", "storeys": "B", "elements": "B", "fall_edges": "B", "evacuation": "B", "fire": "C",
        "devices": "C",
    }  # fmt: skip
    assert own(lacking(report)) == {
        "storeys.apart": ("B", 1, 4),
        "elements.duplicates": ("B", 1, 236),
        "fall_edges.storey_floors": ("B", 1, 4),
        "FAL-02": ("B", 4, 4),
        "evacuation.spaces_closed": ("B", 2, 21),
        "evacuation.storeys_joined": ("B", 1, 2),
        "FIR-01": ("C", 57, 57),
        "FIR-02": ("B", 21, 21),
        "FIR-03": ("B", 14, 14),  # each says "Fire Rating", the property's own name
    }
    assert names(report, "elements.duplicates") == ["Compound Ceiling:Gypsum Board:187470"]
    assert names(report, "evacuation.spaces_closed") == ["A201", "B201"]
    assert figures(report, "storeys.apart") == {"least_m": 1.25}
    assert figures(report, "fall_edges.storey_floors") == {"levels_m": [-1.25]}  # T/FDN, top of foundation
    assert figures(report, "evacuation.storeys_joined") == {"levels_m": [6.0]}  # R301 on the roof


def test_office_a_has_rooms_and_doors_but_no_floors() -> None:
    report = report_of("ThatOpen_engine_web-ifc__Office_A_20110811.ifc")
    assert report.grades == {
        "georeference": "C", "storeys": "A", "elements": "A", "fall_edges": "C", "evacuation": "A", "fire": "C",
        "devices": "C",
    }  # fmt: skip
    assert own(lacking(report)) == {
        "GEO-03": ("B", 1, 1),
        "fall_edges.storey_floors": ("C", 3, 3),  # its only slabs are two landings
        "FAL-02": ("B", 10, 10),
        "FIR-01": ("C", 449, 487),  # 25 walls say "1 HR" and 13 "2 HR"
        "FIR-02": ("B", 2, 2),
        "FIR-03": ("B", 102, 102),
    }
    doors = report.checks.get(identifier="evacuation.doors_join")
    assert (doors.outcome, doors.failed, doors.checked) == ("A", 6, 102)
    assert {name.split(":")[0] for name in names(report, "evacuation.doors_join")} == {"M_Toilet Partition"}
