"""Packs that inherit: only differences are stored, with their source; who follows which, and from which day."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.ledger.models import Act
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Region
from spatial.places.operations import create_organisation, create_site
from spatial.rulebook.adjustable import EditionRefused, answers_of, values_of
from spatial.rulebook.differences import ABSENT, changes_between, is_verified, value_at, with_differences
from spatial.rulebook.models import Edition, PackChoice, RulePack
from spatial.rulebook.operations import RulesRefused, choose_pack, load_editions, publish_edition
from spatial.rulebook.queries import (
    choice_for,
    current_edition,
    edition_for,
    editions_for,
    lineage,
    may_set_rules,
    resolved_tables,
    table,
)
from spatial.rulebook.rules import PackInvalid, edition_sha256, read_pack

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 1)


def publish(cast, answers, **changes) -> Edition:
    base = current_edition(on=TODAY)
    fields = {
        "organisation": cast.site.organisation,
        "base": base,
        "answers": answers,
        "source": "中原建设〔2026〕3号",
        "clause": "第二条",
        "valid_from": TODAY,
        "actor": None,
        "now": cast.now,
        "today": TODAY,
    }
    return publish_edition(**(fields | changes))


def choose(cast, reach, code, valid_from=TODAY, **changes) -> PackChoice:
    pack = RulePack.objects.get(code=code) if code else None
    fields = {"actor": None, "now": cast.now, "today": TODAY}
    return choose_pack(reach=reach, pack=pack, valid_from=valid_from, **(fields | changes))


@pytest.fixture
def safety(cast):
    """The safety department of the cast's company."""
    user = create_user(username="safety", password="a long pass phrase", full_name="安全部", now=cast.now)
    grant_role(user=user, role="enterprise_safety", organisation=cast.site.organisation, now=cast.now)
    return user


def test_henan_stores_four_differences_with_source_and_inherits_the_rest():
    henan = current_edition(pack="cn-henan", on=TODAY)
    stored = Edition.objects.get(pk=henan.pk)
    assert stored.tables == {}
    assert [(row["path"], row["value"], row["clause"], row["conf"]) for row in stored.differences] == [
        ("/statistics.period", "month", "第十七条", "A-"),
        ("/ledger.keep_years_min", 2, "第十八条", "A-"),
        ("/ledger.fields_min", 7, "第十八条", "A-"),
        ("/supervision.basis", "河南省安全生产风险管控与隐患治理办法 第二十五条", "第二十五条", "A-"),
    ]
    assert all("order 191" in row["source"] for row in stored.differences)
    assert [str(edition) for edition in lineage(stored)] == [
        "cn-national 2026.5",
        "cn-national 2026.4",
        "cn-national 2026.3",
        "cn-national 2026.2",
        "cn-national 2026.1",
    ]
    national = current_edition(on=TODAY)
    changes = changes_between(resolved_tables(national), resolved_tables(henan))
    assert [(row.table, row.old) for row in changes] == [("hazard_settings", ABSENT)] * 4
    assert table(henan, "lec") == table(national, "lec")
    assert table(national, "hazard_settings").keys() == table(henan, "hazard_settings").keys() - {
        "statistics.period", "ledger.keep_years_min", "ledger.fields_min", "supervision.basis",
    }  # fmt: skip


def test_patrol_periods_came_with_the_second_national_edition():
    old, new = current_edition(on=date(2026, 11, 26)), current_edition(on=date(2026, 11, 27))
    assert (str(old), str(new)) == ("cn-national 2026.1", "cn-national 2026.2")
    assert [(row.table, row.path) for row in changes_between(resolved_tables(old), resolved_tables(new))] == [
        ("patrol_periods", "")
    ]
    assert table(new, "patrol_periods")["by_grade"]["4"] == {"company": "month", "project": "day", "team": "shift"}


@pytest.mark.parametrize(
    ("conf", "verified"), [("S", True), ("A", True), ("A-", False), ("B", False), ("C (x)", False)]
)
def test_only_texts_that_were_seen_are_verified(conf, verified):
    assert is_verified(conf) is verified


def test_differences_change_a_copy_and_refuse_what_is_not_there():
    tables = {"t": {"source": "s", "conf": "B", "content": {"bands": [{"lo": 1}], "a/b": 1}}}
    row = {"table": "t", "path": "/bands/0/lo", "value": 2, "source": "s", "clause": "", "conf": "C", "note": ""}
    changed = with_differences(tables, [row, {**row, "path": "/a~1b", "value": 5}])
    assert changed["t"]["content"] == {"bands": [{"lo": 2}], "a/b": 5}
    assert tables["t"]["content"] == {"bands": [{"lo": 1}], "a/b": 1}
    assert value_at(changed["t"]["content"], "/a~1b") == 5
    for wrong in ({"path": "/bands/1/lo"}, {"path": "/no/lo"}, {"table": "u"}, {"path": "/bands/0/lo/x"}):
        with pytest.raises(PackInvalid, match="does not exist in the inherited edition"):
            with_differences(tables, [{**row, **wrong}])


def test_a_manifest_with_a_missing_base_a_sourceless_difference_or_both_kinds_is_refused(tmp_path):
    manifest = {"pack": "p-x", "version": "1", "valid_from": "2026-01-01", "inherits": {"pack": "no", "version": "1"}}
    (tmp_path / "p-x-1.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(PackInvalid, match="p-x 1 inherits no 1"):
        load_editions(folder=tmp_path)
    sourceless = manifest | {"differences": [{"table": "lec", "path": "/bands", "value": 1, "conf": "C"}]}
    with pytest.raises(PackInvalid, match=r"'lec' '/bands' has no source"):
        read_pack(json.dumps(sourceless), str)
    both = manifest | {"tables": [{"name": "t", "file": "t.json", "source": "s", "conf": "C"}]}
    with pytest.raises(PackInvalid, match="differences only"):
        read_pack(json.dumps(both), str)
    bad = manifest | {"inherits": {"pack": "cn-national", "version": "2026.1"}}
    bad["differences"] = [{"table": "lec", "path": "/bonds/0", "value": 1, "source": "s", "conf": "C"}]
    (tmp_path / "p-x-1.json").write_text(json.dumps(bad), encoding="utf-8")
    with pytest.raises(PackInvalid, match="lec /bonds/0 does not exist"):
        load_editions(folder=tmp_path)
    assert not RulePack.objects.filter(code="p-x").exists()


def test_nearest_organisation_then_region_then_national(cast):
    company, site = cast.site.organisation, cast.site
    branch = create_organisation(name="三分公司", parent=company, now=cast.now)
    inner = create_site(
        code="inner", name="内", organisation=branch, region=site.region, projected_srid=4547, actor=None, now=cast.now
    )
    city = Region.objects.get(code="410100")
    day = {"on": TODAY}
    assert str(edition_for(site, **day)) == str(edition_for(company, **day)) == "cn-national 2026.5"
    choose(cast, city, "cn-henan")
    assert [str(edition_for(one, **day)) for one in (site, inner, city, site.region)] == ["cn-henan 2026.4"] * 4
    assert str(edition_for(company, **day)) == "cn-national 2026.5"  # a region's choice counts for its sites
    choose(cast, company, "cn-national")
    assert [str(edition_for(one, **day)) for one in (site, inner, branch)] == ["cn-national 2026.5"] * 3
    choose(cast, branch, "cn-henan", TODAY + timedelta(days=10))
    assert str(edition_for(inner, **day)) == "cn-national 2026.5"
    assert str(edition_for(inner, on=TODAY + timedelta(days=10))) == "cn-henan 2026.4"
    choose(cast, company, None, TODAY + timedelta(days=20))
    assert str(edition_for(site, on=TODAY + timedelta(days=20))) == "cn-henan 2026.4"  # the region's again
    assert str(choice_for(site, on=TODAY + timedelta(days=20)).region) == "郑州市"
    assert Act.objects.filter(verb="choose_rule_pack").count() == 4


def test_many_sites_are_answered_in_two_queries(cast):
    choose(cast, cast.site.region, "cn-henan")
    sites = [
        create_site(
            code=f"s{n}", name="n", organisation=cast.site.organisation, region=cast.site.region, projected_srid=4547,
            actor=None, now=cast.now,
        )
        for n in range(20)
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        assert {str(one) for one in editions_for(sites, on=TODAY).values()} == {"cn-henan 2026.4"}
    assert len(queries) == 2


def test_a_moment_counts_by_the_calendar_of_the_site(cast):
    choose(cast, cast.site.region, "cn-henan")
    evening = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert str(edition_for(cast.site, on=evening)) == "cn-national 2026.5"
    assert str(edition_for(cast.site, on=evening + timedelta(minutes=1))) == "cn-henan 2026.4"


def test_own_edition_stores_only_what_differs_and_is_followed(cast):
    edition = publish(cast, {"lec_2": 71, "deadline_general_short": 2})
    assert [(row["table"], row["path"]) for row in edition.differences] == [
        ("lec", "/bands"), ("hazard_workflow", "/deadlines_days/1/days"),
    ]  # fmt: skip
    assert edition.differences[0]["value"][2] | {"zh": "", "en": "", "class5": ""} == {
        "lo": 71, "lo_incl": True, "hi": 160, "hi_incl": False, "grade": 2, "zh": "", "en": "", "class5": "",
    }  # fmt: skip
    assert edition.differences[0]["value"][3]["hi"] == 71
    assert {row["source"] for row in edition.differences} == {"中原建设〔2026〕3号"}
    assert edition.sha256 == edition_sha256({}, current_edition(on=TODAY).sha256, edition.differences)
    assert edition_for(cast.site, on=TODAY) == edition
    assert str(edition_for(cast.site, on=TODAY - timedelta(days=1))) == "cn-national 2026.5"
    assert table(edition, "hazard_workflow")["deadlines_days"][1]["days"] == 2
    assert table(edition, "ls") == table(current_edition(on=TODAY), "ls")
    act = Act.objects.get(verb="publish_rule_edition")
    assert act.details["differences"][0] == {"at": "lec/bands", "source": "中原建设〔2026〕3号"}


def test_the_next_own_edition_keeps_the_source_of_what_stays(cast):
    first = publish(cast, {"lec_2": 71})
    second = publish(
        cast, {"lec_2": 71, "max_returns": 2}, source="会议纪要", valid_from=TODAY + timedelta(days=5), conf="A"
    )
    assert (first.version, second.version) == ("2026.1", "2026.2")
    assert [(row["table"], row["source"], row["conf"]) for row in second.differences] == [
        ("lec", "中原建设〔2026〕3号", "C"), ("hazard_settings", "会议纪要", "A"),
    ]  # fmt: skip
    assert edition_for(cast.site, on=TODAY + timedelta(days=4)) == first
    assert edition_for(cast.site, on=TODAY + timedelta(days=5)) == second


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({"lec_2": "seventy"}, "lec_2", "not_a_number"),
        ({"lec_2": float("nan")}, "lec_2", "not_a_number"),
        ({"lec_2": 160}, "lec_2", "not_below"),
        ({"lec_3": 0}, "lec_3", "not_positive"),
        ({"lec_0": 20000}, "lec_0", "grade_never_reached"),
        ({"lec_1": 309, "lec_0": 310}, "lec_1", "grade_never_reached"),
        ({"ls_0": 14}, "ls_1", "not_below"),
        ({"ls_1": 17, "ls_0": 18}, "ls_1", "band_empty"),
        ({"lead_4": "project"}, "lead_4", "level_lowered"),
        ({"lead_3": "team"}, "lead_3", "level_lowered"),
        ({"lead_1": "company"}, "lead_2", "level_below_lower_grade"),
        ({"patrol_3_company": "week"}, "patrol_3_company", "level_above_lead"),
        ({"patrol_4_team": "month", "patrol_4_company": ""}, "patrol_4_team", "patrolled_less_often"),
        ({"patrol_1_post": ""}, "patrol_1_post", "nobody_patrols"),
        ({"patrol_1_post": "year"}, "patrol_1_post", "not_a_period"),
        ({"deadline_general_short": 8}, "deadline_general_long", "deadlines_do_not_rise"),
        ({"max_returns": 0}, "max_returns", "out_of_limits"),
        ({"max_returns": 2.5}, "max_returns", "out_of_limits"),
    ],
)
def test_answers_that_do_not_hold_together_publish_nothing(cast, answers, field, code):
    before = Edition.objects.count(), PackChoice.objects.count(), Act.objects.count()
    with pytest.raises(EditionRefused) as refused:
        publish(cast, answers)
    assert (field, code) in {(fault.field, fault.code) for fault in refused.value.faults}
    assert (Edition.objects.count(), PackChoice.objects.count(), Act.objects.count()) == before


def test_every_fault_is_told_at_once(cast):
    with pytest.raises(EditionRefused) as refused:
        publish(cast, {"lec_2": "x", "lead_4": "post", "max_returns": 99})
    assert {fault.field for fault in refused.value.faults} >= {"lec_2", "lead_4", "max_returns"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, "past"),
        ({"source": "  "}, "no_source"),
        ({"conf": "Z"}, "mark"),
        ({"answers": {}}, "no_difference"),
    ],
)
def test_an_edition_of_yesterday_without_source_or_difference_is_refused(cast, changes, code):
    with pytest.raises(RulesRefused) as refused:
        publish(cast, **({"answers": {"lec_2": 71}} | changes))
    assert refused.value.code == code
    assert not RulePack.objects.filter(organisation=cast.site.organisation).exists()


def test_only_the_safety_department_of_the_organisation_sets_its_rules(cast, safety, django_user_model):
    company = cast.site.organisation
    branch = create_organisation(name="三分公司", parent=company, now=cast.now)
    other = create_organisation(name="别家", now=cast.now)
    root = django_user_model.objects.create_superuser("root", password="x")
    assert [may_set_rules(safety, one) for one in (company, branch, other, cast.site.region)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert may_set_rules(root, cast.site.region)
    assert not any(may_set_rules(one, company) for one in (cast.manager, cast.officer, AnonymousUser()))
    with pytest.raises(RulesRefused) as refused:
        publish(cast, {"lec_2": 71}, actor=cast.manager)
    assert refused.value.code == "not_yours"
    assert PackChoice.objects.count() == 0
    assert publish(cast, {"lec_2": 71}, actor=safety).version == "2026.1"


def test_the_pack_of_another_organisation_is_not_to_be_had(cast):
    publish(cast, {"lec_2": 71})
    other = create_organisation(name="别家", now=cast.now)
    own = RulePack.objects.get(organisation=cast.site.organisation)
    with pytest.raises(RulesRefused) as refused:
        choose(cast, other, own.code)
    assert refused.value.code == "foreign_pack"
    with pytest.raises(RulesRefused) as refused:
        choose(cast, cast.site.organisation, "cn-henan", TODAY - timedelta(days=1))
    assert refused.value.code == "past"


def test_answers_of_an_edition_say_the_same_edition_again():
    tables = resolved_tables(current_edition(on=TODAY))
    for name, path, value in values_of(answers_of(tables), tables):
        assert value_at(tables[name]["content"], path) == value, (name, path)


def test_the_printed_matrix_follows_the_bands(cast):
    edition = publish(cast, {"ls_1": 12})
    matrix = table(edition, "ls")["matrix"]
    assert {cell["R"] for row in matrix for cell in row if cell["grade"] == 3} == {12, 15, 16}
