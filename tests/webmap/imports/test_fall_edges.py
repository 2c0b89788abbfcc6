"""The card, the page and the paint of fall edges; decisions, who may take them, and what the next revision keeps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from bim.fall_edges.models import FallEdge, Survey
from bim.fall_edges.operations import DecisionRefused, dismiss_fall_edges, store_fall_edges
from bim.models import Revision
from spatial.ledger.models import Act
from spatial.people.operations import create_user
from spatial.places.models import Anchor
from spatial.risks.models import RiskPoint
from tests.webmap.viewer.conftest import (  # noqa: F401
    NOW,
    Cast,
    as_manager,
    as_stranger,
    cast,
    private_folders,
)
from webmap.pages.imports.edge_plan import plan_of

# ruff: noqa: F811  the cast's names are fixtures
HIGH = 113.5


def finding(kind: str, host: str, points: list[tuple[float, float]], **values: Any) -> dict[str, Any]:
    """Return one finding as the import's child writes it, 3 m above the ground."""
    return {
        "kind": kind, "storey_index": 1, "hosts": [host], "drop_m": 3.0, "length_m": 10.0, "area_m2": None,
        "perimeter_m": None, "short_side_m": None, "points_m": [[x, y, 3.0] for x, y in points],
        "lon_lat_height": [[113.6250 + x * 1e-5, 34.7466 + y * 1e-5, HIGH] for x, y in points], **values,
    }  # fmt: skip


def answer_for(revision: Revision, length: float = 10.0) -> dict[str, Any]:
    host = revision.elements.get(name="楼板").global_id
    square = [(4.0, 2.0), (5.0, 2.0), (5.0, 3.0), (4.0, 3.0), (4.0, 2.0)]
    edge = finding("edge", host, [(0.0, 0.0), (length, 0.0)], length_m=length)
    opening = finding("opening", host, square, length_m=4.0, area_m2=1.0, perimeter_m=4.0, short_side_m=1.0)
    floor = {"storey_index": 1, "z_m": 3.0, "rings": [[[0, 0], [10, 0], [10, 6], [0, 6], [0, 0]]]}
    guarded = {
        "kind": "edge", "way": "guarded", "storey_index": 1, "drop_m": 3.0, "length_m": 6.25, "by": [host],
        "points_m": [[0, 0], [0, 6.25]],
    }  # fmt: skip
    covered = {**guarded, "kind": "opening", "way": "covered", "storey_index": 2, "drop_m": 0.0}
    plan = {"floors": [floor], "protected": [guarded, covered]}
    return {"found": [edge, opening], "plan": plan, "problem": "", "seconds": 0.1}


@pytest.fixture
def found(cast: Cast) -> list[FallEdge]:
    Survey.objects.all().delete()
    return store_fall_edges(revision=cast.revision, answer=answer_for(cast.revision))


def page(cast: Cast) -> str:
    return f"/sites/ZD-TOWER/models/{cast.revision.id}/edges/"


def risk_form(**values: str) -> dict[str, Any]:
    people = {f"person_{level}": "郑国栋" for level in ("company", "project", "team", "post")}
    return {"action": "risk_points", "edge": ["1", "2"], "L": "3", "E": "6", "C": "15", **people, **values}


def test_the_card_and_the_page_show_lengths_areas_and_drops(
    cast: Cast, as_manager: Client, found: list[FallEdge]
) -> None:
    card = as_manager.get(f"/sites/ZD-TOWER/models/{cast.revision.id}/").content.decode()
    assert 'id="fall-edges"' in card and "10.0" in card
    shown = as_manager.get(page(cast)).content.decode()
    assert 'id="edge-1"' in shown and 'id="edge-2"' in shown and '<polyline class="edge"' in shown


def test_each_storey_has_its_plan_and_tells_what_is_protected_and_by_what(
    cast: Cast, as_manager: Client, found: list[FallEdge]
) -> None:
    first = as_manager.get(page(cast) + "?storey=1").content.decode()
    assert 'class="floor"' in first and "6.25" in first and found[0].host_global_ids[0] in first
    assert first.count('<polyline class="protected"') == 1 and 'id="edge-2"' in first
    second = as_manager.get(page(cast) + "?storey=2").content.decode()
    assert 'id="edge-1"' not in second and second.count('<polygon class="protected"') == 1
    assert as_manager.get(page(cast) + "?storey=99").status_code == 200


def test_labels_of_a_plan_never_lie_on_one_another_and_the_longest_edge_has_its_own() -> None:
    rows = [
        FallEdge(
            number=number, kind="edge", length_m=float(number), points_m=[[0, number / 50, 3], [9, number / 50, 3]]
        )
        for number in range(1, 41)
    ]
    plan = plan_of(rows, [], [])
    assert plan is not None
    shown = {shape["row"].number: (float(shape["x"]), float(shape["y"])) for shape in plan["shapes"] if shape["x"]}
    assert 40 in shown and 1 < len(shown) < 40
    heights = sorted(y for _, y in shown.values())
    assert min(b - a for a, b in pairwise(heights)) >= 1.09 * float(plan["text"])


def test_the_paint_has_a_line_with_its_length_and_drop(cast: Cast, as_manager: Client, found: list[FallEdge]) -> None:
    answer = as_manager.get(f"/api/v1/models/{cast.revision.id}/paint/fall_edges", HTTP_ACCEPT_LANGUAGE="en").json()
    assert [line["key"] for line in answer["lines"]] == ["edge", "opening"]
    assert answer["lines"][0]["points"] == [[113.625, 34.7466, HIGH], [113.6251, 34.7466, HIGH]]
    assert "10.0 m" in answer["lines"][0]["label"] and "3.0 m" in answer["lines"][0]["label"]
    assert [(row["key"], row["count"]) for row in answer["legend"]] == [("edge", 1), ("opening", 1), ("decided", 0)]


def test_risk_points_are_made_on_the_element_with_the_scores_a_person_chose(
    cast: Cast, as_manager: Client, found: list[FallEdge]
) -> None:
    call_command("load_rulebook")
    assert as_manager.post(page(cast), risk_form()).status_code == 302
    points = list(RiskPoint.objects.order_by("code"))
    assert [(point.code, point.kind) for point in points] == [("FE-001", "activity"), ("FE-002", "facility")]
    assert [point.anchor.geometry.geom_type for point in points] == ["LineString", "Polygon"]
    assert {point.anchor.element_global_id for point in points} == {found[0].host_global_ids[0]}
    assert points[0].sources.get().value == 270.0
    assert set(FallEdge.objects.values_list("decision", flat=True)) == {"risk_point"}
    assert Act.objects.filter(verb="decide_fall_edge_risk_point").count() == 2


def test_without_scores_nothing_is_graded_and_nothing_made(
    cast: Cast, as_manager: Client, found: list[FallEdge]
) -> None:
    call_command("load_rulebook")
    for form in (risk_form(L=""), risk_form(L="4"), risk_form(person_project=""), risk_form(edge=[])):
        assert as_manager.post(page(cast), form).status_code == 422
    assert not RiskPoint.objects.exists() and not Anchor.objects.exists()
    assert set(FallEdge.objects.values_list("decision", flat=True)) == {"open"}


def test_a_proposal_is_dismissed_only_with_a_reason_and_only_once(
    cast: Cast, as_manager: Client, found: list[FallEdge]
) -> None:
    form = {"action": "dismiss", "edge": ["1"], "reason": " "}
    assert as_manager.post(page(cast), form).status_code == 422
    assert as_manager.post(page(cast), {**form, "reason": "外架封闭"}).status_code == 302
    assert as_manager.post(page(cast), {**form, "reason": "再次"}).status_code == 422
    row = FallEdge.objects.get(number=1)
    assert (row.decision, row.reason, row.decided_by) == ("dismissed", "外架封闭", cast.manager)
    assert Act.objects.filter(verb="decide_fall_edge_dismissed").count() == 1


def test_a_stranger_sees_nothing_and_decides_nothing(cast: Cast, as_stranger: Client, found: list[FallEdge]) -> None:
    assert as_stranger.get(page(cast)).status_code == 404
    assert as_stranger.post(page(cast), {"action": "dismiss", "edge": ["1"], "reason": "x"}).status_code == 404
    outsider = create_user(username="outsider", password="a long pass phrase", full_name="外", now=NOW)
    with pytest.raises(DecisionRefused):
        dismiss_fall_edges(edges=found, reason="x", actor=outsider, now=NOW)
    assert set(FallEdge.objects.values_list("decision", flat=True)) == {"open"}


@pytest.mark.parametrize(("length", "kept"), [(10.0, True), (8.1, True), (7.9, False)])
def test_the_next_revision_keeps_a_decision_where_four_fifths_of_the_edge_are_the_same(
    cast: Cast, found: list[FallEdge], length: float, kept: bool
) -> None:
    dismiss_fall_edges(edges=found[:1], reason="外架封闭", actor=cast.manager, now=NOW)
    answer = answer_for(cast.revision, length)
    first = cast.revision
    following = Revision.objects.create(
        organisation_id=first.organisation_id, site=first.site, model=first.model, number=first.number + 1,
        file_name="next.ifc", file_sha256="0" * 64, state=Revision.State.IMPORTED, placed=True,
    )  # fmt: skip
    edge, opening = store_fall_edges(revision=following, answer=answer)
    assert (edge.decision, edge.reason) == (("dismissed", "外架封闭") if kept else ("open", ""))
    assert opening.decision == "open"
