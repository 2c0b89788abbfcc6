"""A company with a safety department and a head beside the cast, and rows to put into lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from spatial.control_lists.rules import EntryData, PersonData, PlaceData, SourceData

LEVELS = ("company", "project", "team", "post")
PEOPLE = tuple(PersonData(level, f"负责人{level}", "13800000000") for level in LEVELS)
MEASURES = {
    "engineering": ("设置1.2m防护栏杆",),
    "management": ("班前检查,拆除须审批",),
    "training": ("高处作业交底",),
    "ppe": ("系挂安全带",),
    "emergency": ("坠落急救,拨打120",),
}
FALL = SourceData(
    name="临边防护缺失,人员坠落",
    step_no="1",
    step="临边材料转运",
    factor_code="2102",
    accident_type="高处坠落",
    method="LEC",
    before={"L": 3, "E": 6, "C": 15},
    after={"L": 1, "E": 6, "C": 15},
    measures=MEASURES,
)
POINT = "SRID=4490;POINT Z (113.77 34.765 100)"


def row(code: str = "ZY-001", **changes: Any) -> EntryData:
    """Return a complete row: an orange point with a place and people at every level."""
    data = EntryData(
        code=code,
        name="三层西侧临边",
        place_text="3层西侧",
        columns={"content": "材料转运", "routine": "routine", "frequency": "每日", "people_count": "6"},
        sources=(FALL,),
        people=PEOPLE,
        place=PlaceData(POINT),
    )
    return replace(data, **changes)


@dataclass
class Company:
    """Who acts on the lists of the cast's site."""

    cast: Any
    department: Any
    head: Any
    now: datetime
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def site(self) -> Any:
        return self.cast.site


@pytest.fixture
def company(cast) -> Company:
    """The cast's site with its company's safety department and head."""
    from spatial.people.operations import create_user, grant_role

    def person(name: str, role: str):
        user = create_user(username=name, password="a long pass phrase", full_name=name, now=cast.now)
        grant_role(user=user, role=role, organisation=cast.site.organisation, now=cast.now)
        return user

    return Company(cast, person("department", "enterprise_safety"), person("head", "enterprise_head"), cast.now)


@pytest.fixture
def draft(company) -> Callable[..., Any]:
    """Start a draft with rows."""
    from spatial.control_lists.operations import save_entry, start_draft

    def make(*rows: EntryData, kind: str = "activity", now: datetime | None = None):
        moment = now or company.now
        version = start_draft(site=company.site, kind=kind, actor=company.cast.officer, now=moment)
        for data in rows:
            save_entry(version=version, data=data, actor=company.cast.officer, now=moment)
        return version

    return make


@pytest.fixture
def publish(company) -> Callable[..., Any]:
    """Take a draft through all steps."""
    from spatial.control_lists import release

    def through(version: Any, *, now: datetime | None = None):
        moment = now or company.now
        version = release.submit(version=version, actor=company.cast.officer, now=moment)
        version = release.pass_department(version=version, note="同意", actor=company.department, now=moment)
        return release.publish(version=version, note="批准发布", actor=company.head, now=moment)

    return through
