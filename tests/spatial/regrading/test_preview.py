"""Which risk points another edition would change: exactly those whose stored scores fall elsewhere."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.places.models import Region
from spatial.places.operations import create_organisation, create_site
from spatial.regrading.queries import preview, preview_above, preview_edition, sites_following
from spatial.regrading.rules import StoredPoint, StoredSource, regrade
from spatial.risks.models import HazardSource, RiskPoint
from spatial.rulebook.queries import current_edition, resolved_tables
from spatial.scope import uuid7
from tests.spatial.risks.test_operations import make_point, source
from tests.spatial.rulebook.test_packs import TODAY, choose, publish

pytestmark = pytest.mark.django_db

D_70 = {"L": 1, "E": 10, "C": 7}
D_75 = {"L": 0.5, "E": 10, "C": 15}
D_63 = {"L": 3, "E": 3, "C": 7}


@pytest.fixture
def points(cast) -> dict[str, RiskPoint]:
    """Seven points: three at D = 70, one of them hidden under a higher source, one directly judged."""
    return {
        "R-1": make_point(cast, "R-1", sources=[source(scores=D_70)]),
        "R-2": make_point(cast, "R-2", sources=[source(scores=D_70), source(name="低", scores=D_63)]),
        "R-3": make_point(cast, "R-3", sources=[source(scores=D_75)]),
        "R-4": make_point(cast, "R-4", sources=[source(scores=D_63)]),
        "R-5": make_point(cast, "R-5", sources=[source(scores=D_70), source(name="高", scores=D_75)]),
        "R-6": make_point(cast, "R-6", sources=[source(scores=D_70)], direct_major_reason="DJ-01"),
        "R-7": make_point(cast, "R-7", sources=[source(method="LS", scores={"L": 3, "S": 3})]),
    }


def test_moving_the_boundary_from_70_to_71_changes_exactly_the_points_at_70(cast, points):
    edition = publish(cast, {"lec_2": 71})
    found = preview_edition([cast.site], edition)
    assert found.points == 7
    assert [(change.point.code, change.point.grade, change.new) for change in found.grades] == [
        ("R-1", 2, 1), ("R-2", 2, 1),
    ]  # fmt: skip
    assert [(row.source.name, row.source.value, row.source.grade, row.new) for row in found.grades[0].sources] == [
        ("无防护临边", 70.0, 2, 1)
    ]
    assert found.counts == {(2, 1): 2}
    assert found.by_site == {cast.site.pk: 2}
    assert found.leads == []


def test_closing_the_boundary_at_its_other_end_does_the_same(cast, points):
    found = preview_edition([cast.site], publish(cast, {"lec_2_incl": False}))
    assert [change.point.code for change in found.grades] == ["R-1", "R-2"]


def test_henan_changes_no_grade(cast, points):
    found = preview_edition([cast.site], current_edition(pack="cn-henan", on=TODAY))
    assert (found.points, found.grades, found.leads) == (7, [], [])


def test_nothing_is_written_and_closed_points_are_left_out(cast, points):
    RiskPoint.objects.filter(code="R-1").update(state="closed")
    edition = publish(cast, {"lec_2": 71})
    before = list(HazardSource.objects.order_by("id").values())
    with CaptureQueriesContext(connection) as queries:
        found = preview_edition([cast.site], edition)
    assert [change.point.code for change in found.grades] == ["R-2"]
    assert all(query["sql"].startswith(("SELECT", "DECLARE", "CLOSE", "FETCH")) for query in queries)
    assert list(HazardSource.objects.order_by("id").values()) == before
    assert {str(point.rule_edition) for point in RiskPoint.objects.all()} == {"cn-national 2026.1"}


def test_a_lifted_lead_level_is_told_beside_the_grades(cast, points):
    found = preview_edition([cast.site], publish(cast, {"lead_2": "project"}))
    assert found.grades == []
    assert [(change.point.code, change.point.lead_level, change.new_lead) for change in found.leads] == [
        (code, "team", "project") for code in ("R-1", "R-2", "R-3", "R-5", "R-7")
    ]


def test_the_grade_with_controls_is_graded_anew_from_its_own_scores(cast):
    make_point(cast, "R-1", sources=[source(scores={"L": 3, "E": 6, "C": 15}, residual_scores=D_70)])
    make_point(cast, "R-2", sources=[source(scores={"L": 3, "E": 6, "C": 15})], residual_grade=2)
    make_point(cast, "R-3", sources=[source(scores=D_70)], residual_grade=2)
    found = preview_edition([cast.site], publish(cast, {"lec_2": 71}))
    changes = [(row.point.code, row.point.grade, row.new, row.point.residual, row.new_residual) for row in found.grades]
    assert changes == [("R-1", 3, 3, 2, 1), ("R-3", 2, 1, 2, 1)]  # given by hand it stays


def test_a_point_lifted_by_its_company_stays_lifted(cast):
    make_point(cast, "R-1", sources=[source(scores=D_75)], lifted_level="company")
    make_point(cast, "R-2", sources=[source(scores=D_75)])
    found = preview_edition([cast.site], publish(cast, {"lead_2": "project"}))
    assert [(row.point.code, row.point.lead_level, row.new_lead) for row in found.leads] == [("R-2", "team", "project")]


def test_scores_that_left_the_pick_list_are_to_be_assessed_anew(cast, points):
    tables = resolved_tables(current_edition(on=TODAY))
    lec = tables["lec"]["content"]
    shorter = {**lec, "E": [row for row in lec["E"] if row["v"] != 10]}
    found = preview([cast.site], {**tables, "lec": {**tables["lec"], "content": shorter}})
    assert [(change.point.code, change.new) for change in found.grades] == [
        (code, None) for code in ("R-1", "R-2", "R-3", "R-5")
    ]


def test_taking_a_choice_back_is_previewed_by_what_each_site_would_follow(cast):
    point = make_point(cast, "R-1", sources=[source(scores=D_70)])
    publish(cast, {"lec_2": 71})
    HazardSource.objects.update(grade=1)  # as re-assessed under the own edition
    RiskPoint.objects.update(source_grade=1)
    choose(cast, cast.site.region, "cn-henan")
    found = preview_above(cast.site.organisation, [cast.site], on=TODAY)
    assert [(row.point.id, row.point.grade, row.new) for row in found.grades] == [(point.pk, 1, 2)]


def test_a_site_with_a_nearer_choice_stays_out(cast):
    company, region = cast.site.organisation, cast.site.region
    branch = create_organisation(name="三分公司", parent=company, now=cast.now)
    common = {"name": "n", "region": region, "projected_srid": 4547, "actor": None, "now": cast.now}
    create_site(code="branch", organisation=branch, **common)
    city = Region.objects.get(code="410100")

    def codes(reach) -> list[str]:
        return [site.code for site in sites_following(reach, on=TODAY)]

    assert codes(company) == codes(city) == ["branch", "tower"]
    choose(cast, branch, "cn-henan")
    assert codes(company) == codes(city) == ["tower"]
    choose(cast, region, "cn-henan")
    assert (codes(company), codes(city), codes(region)) == (["tower"], [], ["tower"])


def test_a_hundred_thousand_points_are_regraded_from_equal_scores_once():
    tables = {name: row["content"] for name, row in resolved_tables(current_edition(on=TODAY)).items()}
    one = StoredSource("s", "LEC", D_70, 70.0, 2)
    key = uuid7()
    points = [StoredPoint(key, key, f"{n}", "n", False, (one,), "team") for n in range(100_000)]
    found = regrade(points, tables)
    assert (found.points, found.grades, found.leads) == (100_000, [], [])
