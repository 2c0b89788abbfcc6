"""`/sites/<code>/live/alarm-rules/`: every condition that holds on a site, with its source and mark."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.alarms.conditions import Condition
from spatial.alarms.rule_queries import SiteConditions, site_conditions
from spatial.observations.models import Datastream
from spatial.observations.quantities import quantity_of
from webmap.access import visible_site
from webmap.wording.reader import data_language
from webmap.wording.rule_words import told_of_rule, told_source

from .words import cleared_words, limit_words, looks_at, note_of, periods_words


@require_GET
def alarm_rules(request: HttpRequest, code: str) -> HttpResponse:
    """Show the rules of a site's edition; those on readings with their conditions."""
    site, now = visible_site(request.user, code), timezone.now()
    held = site_conditions(site, at=now)
    measured = set(Datastream.objects.filter(site=site, active=True).values_list("quantity", flat=True))
    only = request.GET.get("show") != "all"
    names = data_language()
    rules = []
    for rule_id, rule in held.names.items():
        lines = [
            condition_line(row, held)
            for row in held.edition.values()
            if row.rule == rule_id and (not only or row.quantity in measured)
        ]
        if lines or not only:
            rules.append({"id": rule_id, "rule": rule, "name": rule[names], "lines": lines, **_told(rule)})
    kinds = {quantity_of(row).kind for row in measured}
    context = {"site": site, "rules": rules, "only": only, "measured": bool(kinds)}
    return render(request, "pages/alarm_rules.html", context)


def _told(rule: dict[str, Any]) -> dict[str, str]:
    source = told_source(rule["source"], row=rule["id"])
    return {"source": source, "action": told_of_rule(rule, "action"), "condition": told_of_rule(rule, "condition")}


def condition_line(given: Condition, held: SiteConditions) -> dict[str, Any]:
    """Return a condition as a row shows it: the site's own where it has one, and how many narrower ones there are."""
    own = held.own.get((given.key, None, None))
    condition = own or given
    narrower = [key for key in held.own if key[0] == given.key and (key[1] or key[2])]
    return {
        "key": given.key,
        "looks_at": looks_at(condition),
        "limits": limit_words(condition),
        "cleared": cleared_words(condition),
        "periods": periods_words(condition.periods),
        "enabled": condition.enabled,
        "changed": own is not None,
        "narrower": len(narrower),
        "note": note_of(given),
    }
