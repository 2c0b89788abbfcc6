"""Pages of rules: read them with source and mark, set own values, and see first which grades would change."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from spatial import crs
from spatial.ledger.models import Act
from spatial.machines.dangers import describe_pit_edge
from spatial.machines.operations import register_machine
from spatial.machines.queries import scene_of
from spatial.people.operations import create_user, grant_role
from spatial.places.operations import place_anchor
from spatial.risks.models import RiskPoint
from spatial.risks.operations import create_risk_point
from spatial.rulebook.adjustable import answers_of
from spatial.rulebook.models import Edition, PackChoice, RulePack
from spatial.rulebook.queries import current_edition, edition_for, resolved_tables
from tests.webmap.field_cast import BUILT_AT, LAT, LON, PASSWORD, RESPONSIBLE_LEVELS, build_cast
from webmap.pages.rulepacks.reading import sections_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return build_cast()


@pytest.fixture
def safety(cast):
    user = create_user(username="company-safety", password=PASSWORD, full_name="安全部", now=BUILT_AT)
    grant_role(user=user, role="enterprise_safety", organisation=cast.site.organisation, now=BUILT_AT)
    user.language = "en"
    user.save()
    return user


def as_user(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def at_seventy(cast, code: str) -> None:
    create_risk_point(
        site=cast.site, code=code, name="洞口", kind="activity",
        anchor=place_anchor(site=cast.site, lon=LON, lat=LAT, height_m=97.0),
        sources=[{"name": "洞口无盖板", "method": "LEC", "scores": {"L": 1, "E": 10, "C": 7}}],
        responsible=[{"level": level, "full_name": "周班长"} for level in RESPONSIBLE_LEVELS],
        actor=None, now=BUILT_AT,
    )  # fmt: skip


def form(**changes) -> dict[str, str]:
    base = current_edition(on=timezone.localdate())
    answers = answers_of(resolved_tables(base))
    fields = {name: str(value) for name, value in answers.items() if not isinstance(value, bool)}
    fields |= {name: "on" for name, value in answers.items() if value is True}
    fields |= {"base": str(base.pk), "source": "公司〔2026〕3号", "clause": "第二条", "conf": "C"}
    return fields | {"valid_from": str(timezone.localdate()), "step": "preview"} | changes


def test_packs_are_listed_and_an_edition_shows_what_is_inherited_and_unverified(cast, safety):
    client = as_user(safety)
    text = words(client.get("/rules/"))
    assert "National default" in text and "Henan" in text and "cn-henan 2026.4" in text
    henan = current_edition(pack="cn-henan", on=timezone.localdate())
    text = words(client.get(f"/rules/editions/{henan.pk}/"))
    assert "What it says otherwise (4)" in text
    assert "order 191" in text and "第十八条" in text and "A- · unverified" in text
    assert text.count("inherited from cn-national 2026.1") == 10
    assert text.count("inherited from cn-national 2026.2") == 1
    assert text.count("inherited from cn-national 2026.3") == 1
    assert text.count("inherited from cn-national 2026.4") == 2
    assert text.count("inherited from cn-national 2026.5") == 1
    assert "C · unverified" in text and "B · unverified" in text


def test_two_editions_are_compared_value_by_value(cast, safety):
    henan, national = (current_edition(pack=p, on=timezone.localdate()) for p in ("cn-henan", "cn-national"))
    answer = as_user(safety).get("/rules/compare/", {"old": national.pk, "new": henan.pk})
    assert len(answer.context["rows"]) == 4
    assert ("Settings of hazards › The ledger is kept at least (years)", "not said", "2") in answer.context["rows"]
    assert as_user(safety).get("/rules/compare/", {"old": "x", "new": henan.pk}).status_code == 404


def test_preview_names_the_points_at_seventy_and_writes_nothing(cast, safety):
    at_seventy(cast, "RP-70")
    before = Edition.objects.count(), PackChoice.objects.count(), RulePack.objects.count()
    url = f"/rules/organisation/{cast.site.organisation_id}/edition/"
    answer = as_user(safety).post(url, form(lec_2="71"))
    assert answer.status_code == 200
    shown = answer.context["preview"]
    assert (shown["points"], shown["changed"], shown["counts"]) == (2, 1, [(2, 1, 1)])
    [(site, rows)] = shown["by_site"]
    assert (site.code, [row.point.code for row in rows]) == ("field", ["RP-70"])
    assert "洞口无盖板: LEC = 70.0, 2 → 1" in words(answer)
    assert (Edition.objects.count(), PackChoice.objects.count(), RulePack.objects.count()) == before


def test_confirmed_values_are_published_and_followed(cast, safety):
    at_seventy(cast, "RP-70")
    url = f"/rules/organisation/{cast.site.organisation_id}/edition/"
    answer = as_user(safety).post(url, form(lec_2="71", step="confirm"))
    edition = edition_for(cast.site, on=timezone.now())
    assert answer["Location"] == f"/rules/editions/{edition.pk}/"
    assert (edition.pack[:4], [row["path"] for row in edition.differences]) == ("own-", ["/bands"])
    text = words(as_user(safety).get(answer["Location"]))
    assert "公司〔2026〕3号 第二条" in text and "own values: 1" in text
    kept = {str(row.rule_edition) for row in RiskPoint.objects.filter(site=cast.site)}
    assert kept == {"cn-national 2026.1"}
    assert RiskPoint.objects.get(code="RP-70").sources.get().grade == 2


def test_faults_are_told_at_their_fields_and_nothing_is_published(cast, safety):
    url = f"/rules/organisation/{cast.site.organisation_id}/edition/"
    answer = as_user(safety).post(url, form(lec_2="170", lead_4="post", step="confirm", max_returns="0"))
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"lec_2", "lead_4", "max_returns"}
    assert "must lie below the boundary above it (160)" in words(answer)
    assert "Give a whole number from 1 to 10." in words(answer)
    assert not Edition.objects.filter(pack__startswith="own-").exists()


def test_yesterday_is_refused_at_the_day(cast, safety):
    url = f"/rules/organisation/{cast.site.organisation_id}/edition/"
    yesterday = str(timezone.localdate() - timedelta(days=1))
    answer = as_user(safety).post(url, form(lec_2="71", valid_from=yesterday, step="confirm"))
    assert answer.context["form"].errors.keys() == {"valid_from"}
    assert PackChoice.objects.count() == 0


def test_a_pack_is_chosen_after_its_preview(cast, safety):
    url = f"/rules/organisation/{cast.site.organisation_id}/"
    client = as_user(safety)
    data = {"pack": "cn-henan", "valid_from": str(timezone.localdate()), "reason": "省内项目"}
    answer = client.post(url, {**data, "step": "preview"})
    assert (answer.context["preview"]["points"], answer.context["preview"]["changed"]) == (1, 0)
    assert "No risk point would change its grade" in words(answer)
    assert PackChoice.objects.count() == 0
    assert client.post(url, {**data, "step": "confirm"})["Location"] == url
    assert str(edition_for(cast.site, on=timezone.now())) == "cn-henan 2026.4"
    assert "省内项目" in words(client.get(url))
    client.post(url, {**data, "pack": "above", "step": "confirm"})
    assert str(edition_for(cast.site, on=timezone.now())).startswith("cn-national")


def test_strangers_and_site_roles_change_nothing(cast, safety):
    organisation = cast.site.organisation_id
    for user, status in ((cast.stranger, 404), (cast.manager, 404)):
        assert as_user(user).post(f"/rules/organisation/{organisation}/", {"pack": "cn-henan"}).status_code == 404
        assert as_user(user).get(f"/rules/organisation/{organisation}/edition/").status_code == status
    assert as_user(cast.manager).get(f"/rules/organisation/{organisation}/").status_code == 200
    assert as_user(cast.stranger).get(f"/rules/organisation/{organisation}/").status_code == 404
    assert as_user(safety).get(f"/rules/planet/{organisation}/").status_code == 404
    assert PackChoice.objects.count() == 0


def test_an_own_edition_is_read_by_its_sites_and_not_by_strangers(cast, safety):
    url = f"/rules/organisation/{cast.site.organisation_id}/edition/"
    page = as_user(safety).post(url, form(lec_2="71", step="confirm"))["Location"]
    assert as_user(cast.manager).get(page).status_code == 200
    assert as_user(cast.stranger).get(page).status_code == 404
    assert "own-" not in words(as_user(cast.stranger).get("/rules/"))


def test_limits_of_moving_danger_are_set_within_bounds_previewed_and_followed(cast, safety, yard_of_two):
    """53.3 m apart with a low jib of 50 m and half a mast of 0.9 m: 2.4 m, enough for 2 m and not for 2.5."""
    url = f"/rules/organisation/{cast.site.organisation_id}/edition/"
    client = as_user(safety)
    wrong = client.post(url, form(static_gap_m="1.5", **{"TC-04_0": "5", "TC-04_2": "6"}))
    assert wrong.status_code == 422 and Edition.objects.count() == 9
    text = words(wrong)
    assert "Give a number from 2.0 to 20; what a standard asks for is made stricter only." in text
    assert "A graver level must not begin farther away than a lighter one." in text
    shown = client.post(url, form(static_gap_m="2.5", nothing_m="2"))
    assert shown.status_code == 200 and Edition.objects.count() == 9
    [row] = shown.context["machines"]
    assert (row.site.code, row.before, row.after) == ("field", [], ["T1 – T2"])
    assert row.pits == [("基坑", 1.5, 2.0)]
    assert "Least gap between parts of two cranes 2.0 2.5" in words(shown)
    client.post(url, form(static_gap_m="2.5", nothing_m="2", step="confirm"))
    edition = edition_for(cast.site, on=timezone.now())
    assert [(row["path"], row["value"]) for row in edition.differences] == [
        ("/crane/static_gap_m/value", 2.5), ("/pit_edge/nothing_m/value", 2),
    ]  # fmt: skip
    scene = scene_of(cast.site)
    assert (scene.limits.static_gap_m, scene.pits[0].no_vehicle_m) == (2.5, 2.0)
    act = Act.objects.get(verb="publish_rule_edition")
    assert act.details["differences"][0]["at"] == "machine_limits/crane/static_gap_m/value"
    assert "May be set" in words(client.get(f"/rules/editions/{edition.pk}/"))


def test_who_is_not_the_safety_department_sets_no_limits(cast):
    url = f"/rules/organisation/{cast.site.organisation_id}/edition/"
    assert as_user(cast.safety).post(url, form(static_gap_m="3", step="confirm")).status_code in (403, 404)
    assert scene_of(cast.site).limits.static_gap_m == 2.0


@pytest.fixture
def yard_of_two(cast):
    from django.contrib.gis.geos import MultiPolygon, Polygon

    from spatial.zones.operations import create_zone

    for code, east, high in (("T1", 0.0, 45.0), ("T2", 53.3, 60.0)):
        lon, lat = east_of(cast.site, east)
        register_machine(
            site=cast.site, code=code, name=f"{code}塔机", kind="tower_crane", actor=None, now=BUILT_AT,
            place=(lon, lat, 100.0),
            crane={"jib_m": 50.0, "counter_jib_m": 12.0, "jib_height_m": high, "top_height_m": high + 5},
        )  # fmt: skip
    corners = [(LON, LAT), (LON + 0.001, LAT), (LON + 0.001, LAT + 0.001), (LON, LAT + 0.001), (LON, LAT)]
    pit = create_zone(
        site=cast.site, code="PIT9", name="基坑", kind="pit", outline=MultiPolygon(Polygon(corners), srid=4490),
        bottom_m=None, top_m=None, actor=None, now=BUILT_AT,
    )  # fmt: skip
    describe_pit_edge(zone=pit, depth_m=6.0, supported=True, actor=None, now=BUILT_AT)


def east_of(site, metres):
    east, north = crs.transform_point(LON, LAT, from_srid=4490, to_srid=site.projected_srid)
    return crs.transform_point(east + metres, north, from_srid=site.projected_srid, to_srid=4490)


@pytest.mark.parametrize(
    ("language", "first"),
    [
        (
            "en",
            "P-02 Danger-zone approach Nearer to the edge of the zone than the distance of approach (3 m unless set)",
        ),
        (
            "zh-hans",
            "P-02 接近危险区域 距区域边界不超过接近距离（默认 3 m），且连续 2 次定位在靠近 黄 标签定位点、区域缓冲 4",
        ),
    ],
    ids=["en", "zh"],
)
def test_alarm_rules_of_an_edition_are_a_table_in_the_readers_language(cast, safety, language, first):
    safety.language = language
    safety.save()
    national = current_edition(on=timezone.localdate())
    told = words(as_user(safety).get(f"/rules/editions/{national.pk}/"))
    assert first in told
    assert "debounce_s" not in told


LATIN = re.compile(r"[A-Za-z][A-Za-z\d/.³²-]*")
IDS = re.compile(r"[A-Z][A-Z\d/.-]*")
UNITS = frozenset(
    {"m", "s", "h", "min", "m/s", "kN", "kN/m", "kN/m²", "kV", "mm", "t", "mg/m³", "g/m³", "mA", "dB", "g"}
)
QUANTITIES = frozenset({"Leq", "q/Q"})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("pack", ["cn-national", "cn-henan"])
def test_every_table_of_an_edition_is_told_in_one_language(cast, pack, language):
    edition = current_edition(pack=pack, on=timezone.localdate())
    with translation.override(language):
        blocks = [block for section in sections_of(edition) for block in section.blocks]
    told = {
        text for block in blocks for row in [[block.title, block.source], block.columns, *block.rows] for text in row
    }
    assert len(blocks) == 58
    if language == "en":
        assert not [text for text in told if re.search("[\u3400-\u9fff]", text)]
        assert not [text for text in told if re.search(r'[a-z]_[a-z]|[A-Z]_[A-Z]|[{}"]', text)]
    else:
        words_in = {word for text in told for word in LATIN.findall(text) if not IDS.fullmatch(word)}
        assert words_in <= UNITS | QUANTITIES


def test_rows_of_an_edition_carry_their_columns_for_phones(cast, safety):
    safety.language = "zh-hans"
    safety.save()
    national = current_edition(on=timezone.localdate())
    page = as_user(safety).get(f"/rules/editions/{national.pk}/").content.decode()
    assert '<td data-label="最低等级">4</td><td data-label="升高级数">0</td>' in page
    assert '<td data-label="结束后保持（s）">1800</td>' in page
