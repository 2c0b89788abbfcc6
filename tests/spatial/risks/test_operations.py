"""Risk points: graded here, anchored, with people at every level."""

from __future__ import annotations

import pytest

from spatial.ledger.models import Act
from spatial.places.operations import place_anchor
from spatial.risks.models import HazardSource, RiskPoint
from spatial.risks.operations import RiskRefused, create_risk_point
from spatial.risks.rules import JudgementUnknown, ScoreRefused

pytestmark = pytest.mark.django_db
LEVELS = ("company", "project", "team", "post")
PEOPLE = [{"level": level, "full_name": f"负责人{level}", "phone": "13800000000"} for level in LEVELS]


def source(**changes) -> dict:
    fields = {
        "name": "无防护临边",
        "accident_type": "高处坠落",
        "method": "LEC",
        "scores": {"L": 3, "E": 6, "C": 15},
        "measures": [{"kind": "engineering", "text": "防护栏杆"}],
    }
    return fields | changes


def make_point(cast, code: str = "R-01", lon: float = 113.77, **changes) -> RiskPoint:
    anchor = place_anchor(site=cast.site, lon=lon, lat=34.765, height_m=100.0)
    fields = {
        "site": cast.site,
        "code": code,
        "name": "基坑临边",
        "kind": "activity",
        "anchor": anchor,
        "sources": [source()],
        "responsible": PEOPLE,
        "actor": cast.officer,
        "now": cast.now,
    }
    return create_risk_point(**(fields | changes))


def test_value_and_grade_come_from_the_table_of_the_edition(cast):
    point = make_point(cast, sources=[source(), source(method="LS", scores={"L": 3, "S": 3})])
    graded = sorted((row.method, row.value, row.grade) for row in HazardSource.objects.all())
    assert graded == [("LEC", 270.0, 3), ("LS", 9.0, 2)]
    assert str(point.rule_edition) == "cn-national 2026.1"
    assert Act.objects.get(verb="create_risk_point").details["grade"] == 3


def test_residual_scores_are_graded_and_never_raise_the_grade(cast):
    assert make_point(cast, "R-1", residual_scores={"L": 1, "E": 6, "C": 15}).residual_grade == 2
    assert make_point(cast, "R-2", residual_grade=4).residual_grade == 3


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sources": []}, RiskRefused),
        ({"sources": [source(scores={"L": 4, "E": 6, "C": 15})]}, ScoreRefused),
        ({"sources": [source(scores={"L": 3, "E": 6, "C": 15, "D": 1})]}, ScoreRefused),
        ({"responsible": PEOPLE[2:]}, RiskRefused),
        ({"direct_major_reason": "DJ-05"}, JudgementUnknown),
        ({"kind": "person"}, RiskRefused),
        ({"residual_grade": 5}, RiskRefused),
        ({"sources": [source(measures=[{"kind": "luck", "text": "x"}])]}, RiskRefused),
    ],
)
def test_a_refused_risk_point_leaves_nothing(cast, changes, error):
    with pytest.raises(error):
        make_point(cast, **changes)
    assert RiskPoint.objects.count() == 0
    assert not Act.objects.filter(verb="create_risk_point").exists()


def test_a_stranger_sees_no_risk_point(cast):
    from spatial.risks.queries import visible

    point = make_point(cast)
    assert list(visible(cast.manager)) == [point]
    assert list(visible(cast.town)) == [point]
    assert list(visible(cast.stranger)) == []
