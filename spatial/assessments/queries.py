"""Read assessments: who may read and sign them, which sites they are about, and the method."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet

from spatial.places.models import Organisation, Site

from .facts import facts_of
from .models import COMPANY_ROLES, REGULATORS, Assessment
from .rules import Facts, Method, assess

_METHOD = Path(__file__).resolve().parent / "data" / "method.json"


@cache
def method_text() -> dict[str, Any]:
    """Return the stated method: its name, numbers, rules and limits in both languages, source and mark."""
    return json.loads(_METHOD.read_text(encoding="utf-8"))


def method() -> Method:
    """Return the numbers of the method."""
    text = method_text()
    names = ("trend_compare_months", "trend_least_months", "first_sites", "first_accidents")
    return Method(name=text["method"], **{name: text[name] for name in names})


def visible(user: Any) -> QuerySet[Assessment]:
    """Return the assessments that a user may see."""
    return Assessment.objects.visible_to(user).select_related("organisation", "made_by")


def company_roles(user: Any, organisation: Organisation) -> set[str]:
    """Return a user's roles of the company (safety department, head) at or above an organisation."""
    memberships = user.memberships.filter(organisation__isnull=False, role__in=COMPANY_ROLES)
    rows = memberships.values_list("organisation__path", "role")
    return {role for path, role in rows if organisation.path.startswith(path)}


def sites_for(user: Any, organisation: Organisation) -> list[Site]:
    """Return the sites of an enterprise that a user may see assessed: all for its company, those of own regions for
    a regulator, none for anybody else. Closed sites do not count."""
    sites = Site.objects.filter(organisation__path__startswith=organisation.path).exclude(phase=Site.Phase.CLOSED)
    if not (user.is_superuser or company_roles(user, organisation)):
        reach = Q(pk__in=[])
        memberships = user.memberships.filter(region__isnull=False, role__in=REGULATORS)
        for path in memberships.values_list("region__path", flat=True):
            reach |= Q(region__path__startswith=path)
        sites = sites.filter(reach)
    return list(sites.select_related("organisation", "region").order_by("code"))


def assessable(user: Any) -> list[Organisation]:
    """Return the enterprises that a user may see assessed: those with sites in reach, by name."""
    if user.is_superuser:
        sites = Q()
    else:
        sites = Q(pk__in=[])
        for membership in user.memberships.select_related("organisation", "region"):
            if membership.organisation_id and membership.role in COMPANY_ROLES:
                sites |= Q(organisation__path__startswith=membership.organisation.path)
            elif membership.region_id and membership.role in REGULATORS:
                sites |= Q(region__path__startswith=membership.region.path)
    own = Site.objects.filter(sites).exclude(phase=Site.Phase.CLOSED).values("organisation")
    return list(Organisation.objects.filter(pk__in=own).order_by("name"))


def assessment_now(organisation: Organisation, sites: list[Site], *, as_of: datetime) -> tuple[Facts, dict[str, Any]]:
    """Return facts and content of an assessment at a moment; nothing is written."""
    facts = facts_of(organisation, sites, as_of=as_of, months=method_text()["trend_months"])
    return facts, assess(facts, method())
