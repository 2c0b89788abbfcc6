"""Grading by the tables: every vector, every boundary, and what is never accepted."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from spatial.risks.rules import (
    Grading,
    JudgementUnknown,
    ScoreRefused,
    direct_judgement,
    grade_lec,
    grade_ls,
    grade_source,
    missing_levels,
    missing_measures,
    required_levels,
)

DATA = Path(__file__).parents[3] / "spatial/rulebook/data"


def read(name: str):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


LEC, LS, LEVELS, JUDGEMENTS = map(
    read, ("lec_tables.json", "ls_matrix.json", "risk_levels.json", "direct_judgement.json")
)


@pytest.mark.parametrize("row", LEC["test_vectors"], ids=lambda row: f"{row['L']}x{row['E']}x{row['C']}")
def test_lec_vectors(row):
    assert grade_lec({name: row[name] for name in "LEC"}, LEC) == Grading(row["D"], row["grade"])


def test_lec_gives_exactly_the_products_of_the_pick_list_and_never_the_ends_of_the_bands():
    lists = [[row["v"] for row in LEC[name]] for name in "LEC"]
    values = {grade_lec(dict(zip("LEC", picked, strict=True)), LEC).value for picked in itertools.product(*lists)}
    assert values == set(LEC["all_products"])
    assert 160 not in values
    assert 320 not in values


def test_every_cell_of_the_matrix():
    for row in itertools.chain.from_iterable(LS["matrix"]):
        assert grade_ls({"L": row["L"], "S": row["S"]}, LS) == Grading(row["R"], row["grade"])


@pytest.mark.parametrize(
    ("method", "scores"),
    [
        ("LEC", {"L": 4, "E": 6, "C": 15}),
        ("LEC", {"L": 3, "E": 6}),
        ("LEC", {"L": "3", "E": 6, "C": 15}),
        ("LEC", {"L": True, "E": 6, "C": 15}),
        ("LEC", {"L": 3, "E": 6, "C": 15, "D": 20}),
        ("LS", {"L": 0, "S": 3}),
        ("LS", {"L": 6, "S": 3}),
        ("LS", {"L": 2.5, "S": 3}),
        ("MES", {"L": 2, "S": 3}),
    ],
)
def test_scores_outside_the_pick_list_and_given_values_are_refused(method, scores):
    with pytest.raises(ScoreRefused):
        grade_source(method, scores, lec=LEC, ls=LS)


@pytest.mark.parametrize(
    ("grade", "levels"),
    [
        (4, ["company", "project", "team", "post"]),
        (3, ["project", "team", "post"]),
        (2, ["team", "post"]),
        (1, ["post"]),
    ],
)
def test_the_lead_level_and_every_level_below_it_answer(grade, levels):
    assert required_levels(grade, LEVELS) == levels
    assert missing_levels(grade, levels, LEVELS) == []
    assert missing_levels(grade, levels[:-1], LEVELS) == ["post"]


def test_orange_and_red_need_three_kinds_of_measures():
    assert missing_measures(3, ["ppe", "management"]) == ["engineering", "emergency"]
    assert missing_measures(2, []) == []


def test_a_direct_judgement_is_one_of_the_list_and_never_the_highest_band():
    assert direct_judgement("DJ-03", JUDGEMENTS)["source"].startswith("DB37/T 3015-2017")
    for code in ("DJ-05", "DJ-99", "because"):
        with pytest.raises(JudgementUnknown):
            direct_judgement(code, JUDGEMENTS)
