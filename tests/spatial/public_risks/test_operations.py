"""Public risk points are kept by the regulators of their region, graded here, and seen by nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.gis.geos import GEOSGeometry

from spatial.ledger.models import Act
from spatial.ledger.queries import verify_chain
from spatial.public_risks.models import PublicRisk
from spatial.public_risks.operations import (
    Outcome,
    Placed,
    PublicRiskForbidden,
    PublicRiskRefused,
    add_public_risk,
    close_public_risk,
    import_public_risks,
    outside,
    preview_import,
    revise_public_risk,
)
from spatial.public_risks.queries import counts_by_region, may_write, standing, visible
from tests.spatial.public_risks.conftest import given, placed

pytestmark = pytest.mark.django_db


def add(towns, actor=None, **changes):
    return add_public_risk(placed=placed(towns, **changes), actor=actor or towns.clerk, now=towns.cast.now)


def written() -> tuple[int, int]:
    return PublicRisk.objects.count(), Act.objects.count()


def test_a_point_is_graded_from_the_edition_and_its_act_is_in_the_installations_chain(towns):
    point = add(towns)
    assert (point.value, point.grade, point.region) == (135, 2, towns.east)
    assert point.rule_edition.pack == "cn-national"
    act = Act.objects.get(verb="add_public_risk")
    assert (act.organisation, act.details["grade"], act.actor) == (None, 2, towns.clerk)
    assert verify_chain(None) == []


def test_the_regulators_of_the_region_and_above_see_it_and_nobody_else(towns):
    add(towns)
    seen = {user.username: visible(user).count() for user in (towns.clerk, towns.above, towns.cast.town)}
    assert seen == {"clerk": 1, "above": 1, "town": 1}
    cast = towns.cast
    for user in (towns.neighbour, cast.manager, cast.officer, cast.worker, cast.stranger):
        assert visible(user).count() == 0, user.username
    assert [may_write(user, towns.east) for user in (towns.clerk, towns.above, towns.neighbour, cast.manager)] == [
        *(True, True, False, False)
    ]


@pytest.mark.parametrize("who", ["neighbour", "cast.manager", "cast.stranger"])
def test_who_does_not_regulate_the_region_adds_nothing(towns, who):
    actor, before = towns, written()
    for name in who.split("."):
        actor = getattr(actor, name)
    with pytest.raises(PublicRiskForbidden):
        add(towns, actor=actor)
    assert written() == before


def test_a_code_is_taken_once_in_a_region_and_free_in_another(towns):
    add(towns)
    before = written()
    with pytest.raises(PublicRiskRefused, match="code: GG-001 is taken"):
        add(towns)
    assert written() == before
    add(towns, actor=towns.above, region=towns.west)
    assert PublicRisk.objects.count() == 2


@pytest.mark.parametrize(
    ("wkt", "words"),
    [
        ("POINT (34.765 113.77)", "not in China; check axis order"),
        ("POLYGON ((113.77 34.76, 113.78 34.77, 113.78 34.76, 113.77 34.77, 113.77 34.76))", "Self-intersection"),
        ("POINT EMPTY", "is empty"),
    ],
)
def test_a_geometry_that_cannot_be_is_refused(towns, wkt, words):
    row = Placed(towns.east, given(), GEOSGeometry(wkt, srid=4490), "EPSG:4490")
    before = written()
    with pytest.raises(PublicRiskRefused, match=words):
        add_public_risk(placed=row, actor=towns.clerk, now=towns.cast.now)
    assert written() == before


def test_a_place_outside_the_boundary_is_told(towns):
    assert not outside(towns.east, placed(towns).geometry)
    assert outside(towns.east, placed(towns, lon=113.9).geometry)


def test_a_revision_grades_again_and_its_act_tells_what_changed(towns):
    point = add(towns)
    changed = placed(towns, scores={"L": 10, "E": 6, "C": 15}, next_check_on=date(2027, 1, 31))
    point = revise_public_risk(point=point, placed=changed, actor=towns.above, now=towns.cast.now)
    assert (point.value, point.grade) == (900, 4)
    told = Act.objects.get(verb="revise_public_risk").details["changed"]
    assert set(told) == {"scores", "grade", "next_check_on"}
    assert told["grade"] == ["2", "4"]


def test_a_closed_point_needs_a_reason_leaves_the_map_and_opens_when_revised(towns):
    point = add(towns)
    with pytest.raises(PublicRiskRefused, match="say why the risk is gone"):
        close_public_risk(point=point, reason=" ", actor=towns.clerk, now=towns.cast.now)
    close_public_risk(point=point, reason="排水泵站已建成", actor=towns.clerk, now=towns.cast.now)
    assert (standing(towns.clerk).count(), visible(towns.clerk).count()) == (0, 1)
    revise_public_risk(point=point, placed=placed(towns), actor=towns.clerk, now=towns.cast.now)
    assert standing(towns.clerk).count() == 1


def test_counts_are_by_region_and_grade(towns):
    add(towns)
    add(towns, code="GG-002", scores={"L": 10, "E": 6, "C": 15})
    add(towns, code="GG-003", scores={"L": 10, "E": 6, "C": 15})
    add(towns, actor=towns.above, region=towns.west, method="LS", scores={"L": 1, "S": 1})
    assert counts_by_region(visible(towns.above)) == [
        ("东街道", {4: 2, 3: 0, 2: 1, 1: 0}),
        ("西街道", {4: 0, 3: 0, 2: 0, 1: 1}),
    ]


def rows(towns, *codes, **changes):
    return [
        Placed(towns.east, given(code=code, **changes), placed(towns).geometry, "EPSG:4490", row)
        for row, code in enumerate(codes, start=1)
    ]


def test_an_import_adds_changes_and_leaves_and_its_preview_says_the_same_before(towns):
    add(towns)
    add(towns, code="GG-002")
    given_rows = [*rows(towns, "GG-001"), *rows(towns, "GG-002", name="改名"), *rows(towns, "GG-003")]
    before = written()
    outcome, problems = preview_import(given_rows, actor=towns.clerk, now=towns.cast.now)
    assert (outcome, problems) == (Outcome(new=1, changed=1, same=1), [])
    assert written() == before
    assert import_public_risks(rows=given_rows, actor=towns.clerk, now=towns.cast.now) == outcome
    assert written() == (3, before[1] + 2)


def test_one_bad_row_stops_the_whole_import_and_every_problem_is_told(towns):
    bad = [*rows(towns, "A", "B", "A"), *rows(towns, "C", kind="lake")]
    other = Placed(towns.west, given(code="D"), placed(towns).geometry, "EPSG:4490", 9)
    before = written()
    with pytest.raises(PublicRiskRefused) as refused:
        import_public_risks(rows=[*bad, other], actor=towns.clerk, now=towns.cast.now)
    assert [(row, problem.field) for row, problem in refused.value.problems] == [
        (1, "kind"),
        (3, "code"),
        (9, "region"),
    ]
    assert written() == before
