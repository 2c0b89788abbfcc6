"""Papers of machines that end: V-01, and for the anti-fall device of a hoist H-05."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from spatial.alarms.expiry import Due, follow_due
from spatial.alarms.reading_alarms import point_of
from spatial.alarms.titles import Words
from spatial.machines.models import Machine, MachineDocument
from spatial.people.rules import add_months
from spatial.places.models import Site

_FILE = Path(__file__).parent / "data" / "paper_rules.json"


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))


def last_day_of(kind: str, done_on: date | None, valid_until: date | None) -> date | None:
    """Return the last day of a paper: what it says, or earlier by the time for which its kind holds at most."""
    months = _rules()["kinds"].get(kind, {}).get("months")
    by_rule = add_months(done_on, months) if months and done_on else None
    return min((day for day in (by_rule, valid_until) if day is not None), default=None)


def last_day(row: MachineDocument) -> date | None:
    """Return the last day of a paper as it is stored."""
    return last_day_of(row.kind, row.done_on, row.valid_until)


def follow_machine_papers(*, site: Any, now: datetime) -> int:
    """This function will bring the alarms of the papers of a site's machines in line; returns how many are active."""
    rules = _rules()
    rows = MachineDocument.objects.filter(machine__site=site, machine__active=True).select_related("machine__anchor")
    dues = []
    for row in rows.order_by("machine__code", "kind"):
        day = last_day(row)
        if day is None:
            continue
        dues.append(
            Due(
                key=f"{row.machine_id}:{row.kind}",
                paper=row.machine_id,
                condition=rules["kinds"].get(row.kind, rules["default"])["condition"],
                last_day=day,
                words=_words(row.machine, Words.of(rules["names"][row.kind])),
                location=point_of(row.machine.anchor),
            )
        )
    return follow_due(site=site, scope="machine", dues=dues, now=now)


def _words(machine: Machine, paper: Words) -> Words:
    """Return whose paper it is: the machine's name and code, and the paper."""
    whose = Words.same(machine.name).aside(machine.code)
    return Words(f"{whose.zh}{paper.zh}", f"{whose.en} {paper.en}")


def follow_all_machine_papers(*, now: datetime) -> int:
    """This function will do so for every site that has machines."""
    sites = Site.objects.filter(pk__in=Machine.objects.values("site")).select_related("organisation", "region")
    return sum(follow_machine_papers(site=site, now=now) for site in sites.order_by("pk"))
