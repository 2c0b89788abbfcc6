"""What an IDS file asks and what a model answers: plain data that travels as JSON. No XML, no IFC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["pass", "fail", "not_applicable", "not_checked"]
Usage = Literal["required", "optional", "prohibited"]
Facet = Literal["entity", "attribute", "classification", "partOf", "property", "material"]

PROHIBITION = "prohibition"
"""The kind of the requirement that stands for "no such element": a specification with maxOccurs 0 has only this."""


@dataclass(frozen=True)
class FacetRecord:
    """One facet of an applicability or a requirement.

    `values` has an entry per parameter that the file gives (name, predefinedType, propertySet, baseName, dataType,
    value, system, relation): {"value": text} for a simple value, else the restriction: {"base": "string",
    "enumeration": [...], "pattern": [...], "minInclusive": text ...}. Values are in SI units (kilograms for masses).
    """

    kind: Facet
    cardinality: Usage = "required"
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    instructions: str = ""


@dataclass(frozen=True)
class SpecificationRecord:
    """One specification as its file gives it; `ifc_versions` are IFC2X3, IFC4, IFC4X3_ADD2."""

    name: str
    usage: Usage
    ifc_versions: tuple[str, ...]
    applicability: tuple[FacetRecord, ...]
    requirements: tuple[FacetRecord, ...]
    identifier: str = ""
    description: str = ""
    instructions: str = ""


@dataclass(frozen=True)
class DocumentRecord:
    """An IDS file: what it says of itself, its specifications, and what was changed to read it (`notes`)."""

    title: str
    specifications: tuple[SpecificationRecord, ...]
    version: str = ""
    description: str = ""
    author: str = ""
    copyright: str = ""
    date: str = ""
    purpose: str = ""
    milestone: str = ""
    ids_version: Literal["1.0", "0.9"] = "1.0"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ElementRef:
    """An entity of the model: its #id, its GlobalId ("" where its class has none), class and name."""

    step_id: int
    global_id: str
    ifc_class: str
    name: str


@dataclass(frozen=True)
class Reason:
    """Why an entity fails. `kind` is one of NAME, PREDEFINEDTYPE, NOVALUE, FALSEY, VALUE, SYSTEM, ENTITY, NOPSET,
    DATATYPE, PROHIBITED, FORBIDDEN (the whole specification forbids it) or ERROR (it could not be checked; `actual`
    has the cause). `actual` is what the model has instead."""

    kind: str
    actual: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Failure:
    """An entity that does not meet a requirement; `element` is its #id, a key of the report's elements."""

    element: int
    reason: Reason


@dataclass(frozen=True)
class RequirementResult:
    """What became of one requirement: #ids that pass, and failures (all counted, at most MAX_FAILURES listed)."""

    text: str
    kind: str
    facet: FacetRecord | None
    passed: tuple[int, ...] = ()
    failed_count: int = 0
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class SpecificationResult:
    """What became of one specification.

    `checked` are the #ids of the applicable entities. `why` says why it was not checked: schema, time, error; or, of
    a failure, "missing" where a required specification found nothing. `undecided` could not be told to be applicable.
    """

    record: SpecificationRecord
    status: Status
    why: str = ""
    detail: str = ""
    checked: tuple[int, ...] = ()
    requirements: tuple[RequirementResult, ...] = ()
    undecided: tuple[Failure, ...] = ()
    undecided_count: int = 0

    @property
    def applicable_count(self) -> int:
        return len(self.checked)

    @property
    def failed(self) -> set[int]:
        """Return the #ids of the listed failures of all requirements."""
        return {failure.element for requirement in self.requirements for failure in requirement.failures}


@dataclass(frozen=True)
class IdsReport:
    """What a model answers to one IDS file. `elements` names every entity that a result speaks of."""

    document: DocumentRecord
    schema: str
    seconds: float
    specifications: tuple[SpecificationResult, ...]
    elements: Mapping[int, ElementRef]

    @property
    def title(self) -> str:
        return self.document.title

    @property
    def status(self) -> Status:
        """Return fail before not_checked before pass; not_applicable where no specification found anything."""
        found = {result.status for result in self.specifications}
        order: tuple[Status, ...] = ("fail", "not_checked", "pass")
        return next((status for status in order if status in found), "not_applicable")

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)
