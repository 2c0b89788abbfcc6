"""Make the records again from the plain data that the child wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .records import (
    DocumentRecord,
    ElementRef,
    FacetRecord,
    Failure,
    IdsReport,
    Reason,
    RequirementResult,
    SpecificationRecord,
    SpecificationResult,
)


def facet_from(data: Mapping[str, Any]) -> FacetRecord:
    """Return a facet."""
    return FacetRecord(**data)


def specification_from(data: Mapping[str, Any]) -> SpecificationRecord:
    """Return a specification."""
    facets = {part: tuple(facet_from(one) for one in data[part]) for part in ("applicability", "requirements")}
    return SpecificationRecord(**{**data, **facets, "ifc_versions": tuple(data["ifc_versions"])})


def document_from(data: Mapping[str, Any]) -> DocumentRecord:
    """Return what an IDS file asks."""
    specifications = tuple(specification_from(one) for one in data["specifications"])
    return DocumentRecord(**{**data, "specifications": specifications, "notes": tuple(data["notes"])})


def report_from(data: Mapping[str, Any]) -> IdsReport:
    """Return what a model answers to an IDS file."""
    return IdsReport(
        document=document_from(data["document"]),
        schema=data["schema"],
        seconds=data["seconds"],
        specifications=tuple(_result_from(one) for one in data["specifications"]),
        elements={int(step_id): ElementRef(**one) for step_id, one in data["elements"].items()},
    )


def _failures_from(data: list[Mapping[str, Any]]) -> tuple[Failure, ...]:
    return tuple(Failure(one["element"], Reason(**one["reason"])) for one in data)


def _result_from(data: Mapping[str, Any]) -> SpecificationResult:
    changed = {
        "record": specification_from(data["record"]),
        "checked": tuple(data["checked"]),
        "requirements": tuple(_requirement_from(one) for one in data["requirements"]),
        "undecided": _failures_from(data["undecided"]),
    }
    return SpecificationResult(**{**data, **changed})


def _requirement_from(data: Mapping[str, Any]) -> RequirementResult:
    changed = {
        "facet": facet_from(data["facet"]) if data["facet"] else None,
        "passed": tuple(data["passed"]),
        "failures": _failures_from(data["failures"]),
    }
    return RequirementResult(**{**data, **changed})
