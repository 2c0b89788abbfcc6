"""The specification's 48 cases, through the rule and through the SQL, by the command that users have."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatial.zones.cases import run_rule, run_sets
from spatial.zones.rules import read_table

from .case_strategies import point_cases, region_cases, zone_cases
from .test_rules import CONTENT, by_oracle

pytestmark = pytest.mark.django_db
FILE = Path(__file__).with_name("zone_algebra_cases.json")
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))


def test_all_48_cases_agree(capsys):
    call_command("check_colour_cases", str(FILE))
    assert len(DOCUMENT["cases"]) == 48
    assert capsys.readouterr().out == "48 cases, 0 differences (rule and SQL)\n"


@pytest.mark.parametrize(
    ("number", "name", "wrong"), [(1, "current", 3), (38, "index", 0.01), (48, "score", 10.01), (37, "grade", 2)]
)
def test_a_wrong_case_is_named_by_both_ways_and_ends_with_status_1(tmp_path, capsys, number, name, wrong):
    document = copy.deepcopy(DOCUMENT)
    expect = document["cases"][number - 1]["expect"]
    assert expect[name] != wrong
    expect[name] = wrong
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("check_colour_cases", str(file))
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.startswith(f"Case {number} ") and f"expected {wrong}" in line for line in lines[:2]] == [True, True]
    assert "by the rule" in lines[0]
    assert "by the SQL" in lines[1]
    assert lines[2] == "48 cases, 2 differences (rule and SQL)"


def test_a_file_with_another_table_of_kinds_is_told(tmp_path, capsys):
    document = copy.deepcopy(DOCUMENT)
    document["kinds"]["ALARM_RED"]["hold_s"] = 60
    file = tmp_path / "kinds.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command("check_colour_cases", str(file))
    assert "Kind ALARM_RED: hold_s of the edition is 1800, the file says 60." in capsys.readouterr().out


@pytest.mark.parametrize("text", ["no json", '{"cases": [{"type": "moon", "expect": {}}]}', "{}"])
def test_a_file_of_another_form_is_refused_in_a_sentence(tmp_path, text):
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="cannot be checked"):
        call_command("check_colour_cases", str(file))


@given(st.lists(point_cases() | zone_cases() | region_cases(), min_size=1, max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_rule_sql_and_oracle_agree(cases):
    table = read_table(CONTENT)
    for case, by_sql in zip(cases, run_sets(cases, CONTENT), strict=True):
        by_rule = run_rule(case, table)
        for name, expected in by_oracle(case).items():
            tolerance = 0.0051 if name in ("index", "score") else 0
            assert by_sql[name] == pytest.approx(expected, abs=tolerance), (name, case)
            assert by_rule[name] == pytest.approx(expected, abs=tolerance), (name, case)
