"""Which version of the published control lists a print is made from, and who made, reviewed and approved it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils.translation import gettext as _

from spatial.control_lists.models import ListVersion as PublishedList
from spatial.control_lists.models import ReviewStep
from spatial.control_lists.queries import in_force
from spatial.risks.models import RiskPoint

HASH_SHOWN = 12


@dataclass(frozen=True)
class ListVersion:
    """The version's name with its date, and the names that signed it; an empty name leaves a line to sign on.

    `signature` is the start of the hash of the signed act that published it: the ledger holds the whole.
    """

    label: str
    published_at: datetime | None = None
    maker: str = ""
    reviewer: str = ""
    approver: str = ""
    signature: str = ""


def list_version(site: Any) -> ListVersion:
    """Return the lists in force of a site; before one is published, the day of its newest risk point."""
    lists = [found for kind in PublishedList.Kind.values if (found := in_force(site, kind)) is not None]
    zone = ZoneInfo(site.time_zone)
    if not lists:
        newest = RiskPoint.objects.filter(site=site).aggregate(newest=Max("created_at"))["newest"]
        if newest is None:
            return ListVersion(_("no risk points yet"))
        return ListVersion(_("as of %(day)s") % {"day": f"{newest.astimezone(zone):%Y-%m-%d}"}, newest)
    steps = list(ReviewStep.objects.filter(version__in=lists).select_related("actor").order_by("at"))
    passed = [step.actor for step in steps if step.verb == ReviewStep.Verb.PASS]
    published = [step.act_hash[:HASH_SHOWN] for step in steps if step.verb == ReviewStep.Verb.PUBLISH]
    return ListVersion(
        label=_("; ").join(_label(row, zone) for row in lists),
        published_at=max((row.published_at for row in lists if row.published_at), default=None),
        maker=_names(row.made_by for row in lists),
        reviewer=_names(passed),
        approver=_names(row.published_by for row in lists),
        signature=" ".join(dict.fromkeys(published)),
    )


def _label(row: PublishedList, zone: ZoneInfo) -> str:
    day = f"{row.published_at.astimezone(zone):%Y-%m-%d}" if row.published_at else ""
    return _("%(list)s no. %(number)d of %(day)s") % {
        "list": row.get_kind_display(),
        "number": row.number,
        "day": day,
    }


def _names(people: Iterable[Any]) -> str:
    return "、".join(dict.fromkeys(str(person) for person in people if person))
