"""What `/sites/{code}/zones` takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field


class DraftIn(Schema):
    """A zone as drawn: GeoJSON in CGCS2000 degrees, heights in Yellow Sea metres (null: those of the storeys, or
    open). `accepted` are the doubts that the person has accepted, `repairs` those consented to."""

    outline: dict[str, Any]
    bottom_m: float | None = None
    top_m: float | None = None
    parent: UUID | None = None
    storeys: list[UUID] = Field(default_factory=list)
    zone: UUID | None = Field(None, description="the zone that is changed, when examining a change")


class ZoneIn(DraftIn):
    code: str
    name: str
    kind: str = "area"
    accepted: list[str] = Field(default_factory=list)
    repairs: list[str] = Field(default_factory=list)
    reason: str = ""


class ZoneChange(ZoneIn):
    reason: str
    expected_version: int | None = None


class Withdrawal(Schema):
    reason: str
    confirmed: bool = False
    expected_version: int | None = None


class FindingOut(Schema):
    """`weight`: refused (draw anew), repair (take the repair), doubt (take the repair or accept). `at` are lon, lat;
    `repair` is the whole outline as it would be, `change_m2` what that does to the area."""

    code: str
    weight: str
    text: str
    at: list[tuple[float, float]]
    repair: dict[str, Any] | None
    before_m2: float | None = None
    after_m2: float | None = None
    change_m2: float | None = None


class ExaminationOut(Schema):
    findings: list[FindingOut]
    area_m2: float
    perimeter_m: float
    bottom_m: float | None
    top_m: float | None
    fits: bool


class ZoneOut(Schema):
    """A zone in full."""

    id: UUID
    code: str
    name: str
    kind: str
    outline: dict[str, Any]
    area_m2: float
    bottom_m: float | None
    top_m: float | None
    parent: UUID | None
    storeys: list[UUID]
    version: int
    active: bool
    url: str


class VersionOut(Schema):
    """A version: `changes` is {field: [before, after]}, areas in m² for the outline."""

    number: int
    recorded_at: datetime
    recorded_by: str
    reason: str
    changes: dict[str, list[Any]]
    repairs: list[str]
    content: dict[str, Any]
    outline: dict[str, Any]


class RefusalOut(Schema):
    detail: str
    code: str = ""
    findings: list[FindingOut] = []
