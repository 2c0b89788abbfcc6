"""What fills a planning document now: read from the place tree, the people, the leading group and the risk lists."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count, Max

from spatial.people.models import Role, Team, User
from spatial.people.queries import roles_on, users_on
from spatial.places.models import Building, Region
from spatial.risks.models import HazardSource, ResponsiblePerson, RiskPoint
from spatial.risks.rules import required_levels
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import edition_for, table

from .body import Fact
from .models import GroupMember
from .templates import template_set

GRADE_WORDS = {4: "重大风险", 3: "较大风险", 2: "一般风险", 1: "低风险"}
COLOUR_WORDS = {4: "红", 3: "橙", 2: "黄", 1: "蓝"}
KIND_WORDS = {"activity": "作业活动", "facility": "设备设施"}
LEVEL_WORDS = {"company": "公司级", "project": "项目级", "team": "班组级", "post": "岗位级"}
JOIN = "、"


def facts_of(site: Any, *, on: date) -> dict[str, Fact]:
    """Return every field and table of a site as it is now; what is not known is an empty text or table."""
    edition = edition_for(site, on=on)
    return {
        **_place(site),
        **_roles(site),
        **_group(site),
        **_teams(site),
        **_risks(site, edition),
        **_tables_of_rules(edition),
    }


def people_of_group(site: Any) -> list[GroupMember]:
    """Return the seats of a site's leading group that are held now, leader first."""
    order = {duty: number for number, duty in enumerate(GroupMember.Duty.values)}
    seats = GroupMember.objects.filter(site=site, ended_at__isnull=True).select_related("user")
    return sorted(seats, key=lambda seat: (order[seat.duty], seat.created_at))


def _place(site: Any) -> dict[str, Fact]:
    regions: list[Region] = [*Region.objects.get_ancestors(site.region), site.region] if site.region_id else []
    buildings = Building.objects.filter(site=site).annotate(count=Count("storeys")).order_by("name")
    return {
        "site_name": site.name,
        "site_code": site.code,
        "enterprise_name": site.organisation.name,
        "region_name": "".join(region.name for region in regions),
        "buildings": JOIN.join(f"{b.name}（{b.count}层）" if b.count else b.name for b in buildings),
        "people_count": str(site.people_count),
    }


def _names(users: Any) -> str:
    return JOIN.join(str(user) for user in users)


def _roles(site: Any) -> dict[str, Fact]:
    return {
        "project_manager": _names(users_on(site, role=Role.PROJECT_MANAGER)),
        "safety_officers": _names(users_on(site, role=Role.SITE_SAFETY)),
        "enterprise_safety": _names(users_on(site, role=Role.ENTERPRISE_SAFETY)),
        "enterprise_head": _names(users_on(site, role=Role.ENTERPRISE_HEAD)),
    }


def _group(site: Any) -> dict[str, Fact]:
    seats = people_of_group(site)
    words = template_set().duty_words

    def named(duty: str) -> str:
        return _names(seat.user for seat in seats if seat.duty == duty)

    rows = [
        [words[seat.duty], str(seat.user), _role_words(seat.user, site), seat.task or "—", seat.user.phone or "—"]
        for seat in seats
    ]
    return {
        "group_leader": named("leader"),
        "group_deputies": named("deputy"),
        "group_members": named("member"),
        "officer": named("officer"),
        "group": [["职务", "姓名", "岗位", "分工", "联系电话"], *rows],
    }


def _role_words(user: User, site: Any) -> str:
    words, roles = template_set().role_words, roles_on(user, site)
    return JOIN.join(words[role] for role in words if role in roles) or "—"


def _teams(site: Any) -> dict[str, Fact]:
    teams = list(Team.objects.filter(site=site).annotate(count=Count("people")).order_by("name"))
    rows = [[str(number), team.name, str(team.count)] for number, team in enumerate(teams, start=1)]
    return {"team_names": JOIN.join(team.name for team in teams), "teams": [["序号", "班组", "人数"], *rows]}


def graded_points(site: Any) -> list[tuple[RiskPoint, int]]:
    """Return a site's active risk points with their inherent grade (direct judgement, else the highest source)."""
    points = RiskPoint.objects.filter(site=site, state=RiskPoint.State.ACTIVE).annotate(top=Max("sources__grade"))
    return [(point, 4 if point.direct_major else point.top or 0) for point in points.order_by("code")]


def _risks(site: Any, edition: Edition) -> dict[str, Fact]:
    points = graded_points(site)
    counts = Counter((point.kind, grade) for point, grade in points)
    grades = Counter(grade for _, grade in points)
    sources = HazardSource.objects.filter(risk_point__in=[point for point, _ in points]).exclude(accident_type="")
    types = Counter(sources.values_list("accident_type", flat=True))
    rows = [
        [GRADE_WORDS[g], COLOUR_WORDS[g], *(str(counts[kind, g]) for kind in KIND_WORDS), str(grades[g])]
        for g in (4, 3, 2, 1)
    ]
    head = ["风险等级", "颜色", *KIND_WORDS.values(), "合计"]
    known = bool(points)
    return {
        "risk_total": str(len(points)) if known else "",
        "risk_major": str(grades[4]) if known else "",
        "risk_considerable": str(grades[3]) if known else "",
        "risk_general": str(grades[2]) if known else "",
        "risk_low": str(grades[1]) if known else "",
        "accident_types": JOIN.join(sorted(types, key=lambda name: (-types[name], name))),
        "risk_counts": [head, *rows] if known else [],
        "major_risks": _major_risks([point for point, grade in points if grade == 4]) if known else [],
        "rule_edition": str(edition),
    }


def _major_risks(points: list[RiskPoint]) -> Fact:
    head = ["编号", "风险点", "可能事故", *LEVEL_WORDS.values()]
    if not points:
        return [head, ["—", "目前无重大风险", *["—"] * (len(head) - 2)]]
    people: dict[Any, dict[str, list[str]]] = {}
    for person in ResponsiblePerson.objects.filter(risk_point__in=points).order_by("created_at"):
        people.setdefault(person.risk_point_id, {}).setdefault(person.level, []).append(person.full_name)
    types: dict[Any, set[str]] = {}
    for source in HazardSource.objects.filter(risk_point__in=points):
        types.setdefault(source.risk_point_id, set()).add(source.accident_type)
    rows = []
    for point in points:
        named = people.get(point.pk, {})
        accidents = JOIN.join(sorted(filter(None, types.get(point.pk, ()))))
        rows.append(
            [
                point.code,
                point.name,
                accidents or "—",
                *(JOIN.join(named.get(level, [])) or "—" for level in LEVEL_WORDS),
            ]
        )
    return [head, *rows]


def _tables_of_rules(edition: Edition) -> dict[str, Fact]:
    levels, lec, ls = table(edition, "risk_levels"), table(edition, "lec"), table(edition, "ls")
    level_words = {row["code"]: row["zh"] for row in levels["control_levels"]}
    rows = []
    for scale in sorted(levels["scale"], key=lambda row: -row["grade"]):
        below = [level_words[code] for code in required_levels(scale["grade"], levels)]
        rows.append([scale["zh"], scale["colour_zh"], below[0], JOIN.join(below)])
    return {
        "levels": [["风险等级", "颜色", "主管层级", "责任层级"], *rows],
        "lec_bands": [["D 值", "危险程度", "风险等级", "颜色"], *(_band("D", row) for row in lec["bands"])],
        "ls_bands": [["R 值", "危险程度", "风险等级", "颜色"], *(_band("R", row) for row in ls["bands"])],
    }


def _band(letter: str, band: dict[str, Any]) -> list[str]:
    low = "≤" if band.get("lo_incl", True) else "<"
    high = "≤" if band.get("hi_incl", True) else "<"
    if band["hi"] is None:
        span = f"{letter} {'≥' if band.get('lo_incl', True) else '>'} {band['lo']}"
    else:
        span = f"{band['lo']} {low} {letter} {high} {band['hi']}"
    return [span, band["zh"], GRADE_WORDS[band["grade"]], COLOUR_WORDS[band["grade"]]]
