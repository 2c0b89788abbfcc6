"""Write the findings of a report by binary COPY, each with its element's index and storey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from bim.ifc.ids.records import ElementRef, IdsReport

from .models import Check, Finding

_COLUMNS = (
    "check_row_id", "specification", "requirement", "step_id", "global_id", "identity", "ifc_class", "name",
    "element_index", "storey_index", "storey_name", "reason", "actual", "expected",
)  # fmt: skip
_TYPES = ("uuid", "int4", "int4", "int8", *["text"] * 4, "int4", "int4", *["text"] * 4)
Place = tuple[int, int | None, str]


def copy_findings(check: Check, report: IdsReport) -> int:
    """COPY the report's listed failures into the database and return how many."""
    places = _places(check)
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    count = 0
    with connection.cursor() as cursor:
        raw = cursor.cursor  # psycopg's own cursor, for COPY
        with raw.copy(f"COPY {Finding._meta.db_table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_TYPES)
            for row in _rows(check, report, places):
                copy.write_row(row)
                count += 1
    return count


def _places(check: Check) -> dict[str, Place]:
    """Return {GlobalId: (index, storey index, storey name)} of the revision's elements, the first of each GlobalId."""
    rows = check.revision.elements.order_by("-index")
    found = rows.values_list("global_id", "index", "storey__index", "storey__name")
    return {global_id: (index, storey, name or "") for global_id, index, storey, name in found.iterator()}


def identity_of(element: ElementRef) -> str:
    """Return what names the element in every revision: its GlobalId, else class and name."""
    return element.global_id or f"{element.ifc_class} {element.name}"


def _rows(check: Check, report: IdsReport, places: dict[str, Place]) -> Iterator[tuple[Any, ...]]:
    for at, result in enumerate(report.specifications):
        for position, requirement in enumerate(result.requirements):
            for failure in requirement.failures:
                element = report.elements[failure.element]
                index, storey, storey_name = places.get(element.global_id) or (None, None, "")
                reason = failure.reason
                yield (
                    check.pk, at, position, element.step_id, element.global_id, identity_of(element),
                    element.ifc_class, element.name, index, storey, storey_name, reason.kind, reason.actual,
                    reason.expected[:300],
                )  # fmt: skip
