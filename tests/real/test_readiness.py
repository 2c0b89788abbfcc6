"""Readiness of real models, with counts that were looked at in the files.

The files are never copied into the project. Without them these tests are skipped, loudly.
"""

from __future__ import annotations

from pathlib import Path
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
