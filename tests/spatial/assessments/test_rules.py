"""Numbers and conclusions from plain facts: exact counts, order, and each conclusion's rule; pure."""

from __future__ import annotations

import copy

import pytest

from spatial.assessments.queries import method
from spatial.assessments.rules import SigningRefused, assess, check_signature, missing_of

METHOD = method()


def site(code: str, **changes) -> dict:
    facts = {
        "code": code, "name": f"工地{code}", "region": "区", "people": 10, "grade": 2, "index": 1.5,
        "lists_in_force": 2, "edition": "cn-national 2026.2",
    }  # fmt: skip
    return facts | changes


def point(where: str, code: str, grade: int, accident: str = "坍塌", **changes) -> dict:
    kinds = ("engineering", "management", "emergency")
    facts = {
        "site": where,
        "code": code,
        "name": code,
        "kind": "activity",
        "grade": grade,
        "direct": "",
        "levels": ["company", "project", "team", "post"][4 - grade :],
        "people": [[level, "张"] for level in ("company", "project", "team", "post")],
        "sources": [
            {"name": "源", "accident": accident, "grade": grade, "measures": [[kind, "措施"] for kind in kinds]}
        ],
    }
    return facts | changes


def month(name: str, majors: int, others: int = 1) -> dict:
    return {
        "month": name,
        "points": {"4": majors, "3": others, "2": 0, "1": 0},
        "published": 0,
        "found": 0,
        "closed": 0,
    }


def facts(**changes) -> dict:
    given = {
        "enterprise": "中原建设",
        "as_of": "2026-11-23T02:00:00+00:00",
        "sites": [site("a"), site("b", grade=4, index=3.0, people=30)],
        "points": [point("a", "R-1", 2), point("b", "R-2", 4), point("b", "R-3", 3, "触电", kind="facility")],
        "raising": [],
        "open_hazards": 5,
        "months": [month("2026-08", 3), month("2026-09", 2), month("2026-10", 2), month("2026-11", 1)],
    }
    return given | changes


def codes(content) -> dict:
    return {row["code"]: row["values"] for row in content["conclusions"]}


def test_counts_by_grade_kind_level_accident_and_site_are_exact():
    content = assess(facts(), METHOD)
    totals = content["totals"]
    assert totals["counts"] == {"4": 1, "3": 1, "2": 1, "1": 0}
    assert (totals["sites"], totals["people"], totals["points"], totals["sources"]) == (2, 40, 3, 3)
    assert [(row["name"], row["total"]) for row in content["kinds"]] == [("activity", 2), ("facility", 1)]
    assert [(row["name"], row["total"]) for row in content["levels"]] == [
        *(("company", 1), ("project", 1), ("team", 1), ("post", 0)),
    ]
    assert [(row["name"], row["total"]) for row in content["accidents"]] == [("坍塌", 2), ("触电", 1)]
    assert [row["code"] for row in content["sites"]] == ["b", "a"]
    assert [row["code"] for row in content["major"]] == ["R-2"]


def test_the_enterprises_index_is_weighted_by_people_and_its_level_is_the_worst_sites():
    totals = assess(facts(), METHOD)["totals"]
    assert totals["index"] == round((1.5 * 10 + 3.0 * 30) / 40, 2) == 2.62
    assert totals["grade"] == 4


def test_conclusions_follow_the_stated_rules():
    found = codes(assess(facts(), METHOD))
    assert list(found) == [
        "counts", "level", "accidents", "major_whole", "nothing_raises", "trend_down", "first_sites",
    ]  # fmt: skip
    assert found["accidents"] == {"names": [["坍塌", 1], ["触电", 1]]}
    assert found["trend_down"] == {"from_month": "2026-08", "to_month": "2026-11", "before": 3, "now": 1}
    assert found["first_sites"] == {"names": ["工地b"]}


@pytest.mark.parametrize(
    ("months", "code", "values"),
    [
        ([month("2026-11", 1)], "trend_unknown", {"months": 1}),
        ([], "trend_unknown", {"months": 0}),
        ([month("2026-09", 0, 0), month("2026-10", 1), month("2026-11", 2)], "trend_up", {"before": 1, "now": 2}),
        ([month("2026-10", 1), month("2026-11", 1)], "trend_same", {"before": 1, "now": 1}),
        (
            [month(f"2026-{n:02}", n) for n in range(1, 12)],
            "trend_up",
            {"from_month": "2026-08", "before": 8, "now": 11},
        ),
    ],
)
def test_the_trend_compares_majors_with_three_months_before_or_says_that_it_cannot(months, code, values):
    found = codes(assess(facts(months=months), METHOD))
    assert found[code] | values == found[code]


def test_what_raises_risk_now_is_counted_once_and_by_site():
    rows = [
        {
            "site": "a",
            "kind": kind,
            "label": str(n),
            "since": "2026-11-01T00:00:00+00:00",
            "source_kind": "hazard",
            "source_id": str(n),
        }
        for n, kind in enumerate(("HAZ_GENERAL_OVERDUE", "HAZ_GENERAL_OVERDUE7", "HAZ_MAJOR_OPEN", "CONTROL_MISSED"))
    ]
    content = assess(facts(raising=rows), METHOD)
    assert codes(content)["raising"] == {"overdue": 2, "major_open": 1, "missed": 1, "sites": 1}
    assert {row["code"]: row["raising"] for row in content["sites"]} == {"a": 4, "b": 0}
    assert codes(content)["first_sites"] == {"names": ["工地b", "工地a"]}


def test_a_major_point_without_a_level_or_a_measure_is_a_gap():
    bare = point("b", "R-2", 4, people=[["project", "张"]])
    bare["sources"][0]["measures"] = [["engineering", "措施"]]
    assert missing_of(bare) == ["level:company", "level:team", "level:post", "measure:management", "measure:emergency"]
    content = assess(facts(points=[bare, point("b", "R-9", 4)]), METHOD)
    assert codes(content)["major_gaps"] == {"major": 2, "lacking": 1}


def test_no_major_point_unlisted_sites_and_no_site_at_all_are_said():
    content = assess(facts(points=[point("a", "R-1", 2)], sites=[site("a", lists_in_force=0)]), METHOD)
    assert {"no_major", "unlisted"} <= set(codes(content))
    assert codes(content)["unlisted"] == {"count": 1, "names": ["工地a"]}
    assert [row["code"] for row in assess(facts(sites=[], points=[]), METHOD)["conclusions"]] == ["nothing"]


def test_the_same_facts_in_give_the_same_content_and_are_left_as_they_were():
    given = facts()
    before = copy.deepcopy(given)
    assert assess(given, METHOD) == assess(copy.deepcopy(given), METHOD)
    assert given == before


@pytest.mark.parametrize(
    ("step", "signed", "may", "words"),
    [
        ("issue", {}, True, "no step"),
        ("approve", {}, True, "signs before the head"),
        ("compile", {"compile": 1}, True, "signed already"),
        ("approve", {"compile": 2}, True, "does not approve it"),
        ("compile", {}, False, "no role"),
    ],
)
def test_a_signature_is_refused(step, signed, may, words):
    with pytest.raises(SigningRefused, match=words):
        check_signature(step=step, signed=signed, actor=2, may=may)
