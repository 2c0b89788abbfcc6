"""The policy of alarms as the rule edition of a site has it: its numbers are the table `alarm_policy`.

An alarm keeps the edition of its day, and goes on by that one's numbers: a change counts for what is raised after it.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from spatial.alarms.catalogue import policy, policy_with
from spatial.alarms.models import Alarm
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import followed_edition, resolved_tables
from spatial.rulebook.tenant_numbers import ALARM_POLICY


def policy_of(site: Any, on: date | datetime) -> dict[str, Any]:
    """Return the policy that counts on a site on a day; that which ships where no edition is valid."""
    edition = followed_edition(site, on=on)
    return policy() if edition is None else policy_of_edition(edition.pk)


def policy_of_alarm(alarm: Alarm) -> dict[str, Any]:
    """Return the policy of the edition that an alarm was raised under."""
    return policy_of_edition(alarm.rule_edition_id)


@lru_cache(maxsize=256)
def policy_of_edition(edition_id: UUID) -> dict[str, Any]:
    """Return the policy of an edition, which never changes; that which ships for one from before the table."""
    tables = resolved_tables(Edition.objects.defer("tables", "differences").get(pk=edition_id))
    return policy_with(tables[ALARM_POLICY]["content"]) if ALARM_POLICY in tables else policy()
