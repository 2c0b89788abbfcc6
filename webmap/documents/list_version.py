"""Which version of the published risk list a print is made from, and who made, reviewed and approved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from spatial.risks.models import RiskPoint


@dataclass(frozen=True)
class ListVersion:
    """The version's name with its date, and the names that signed it; an empty name leaves a line to sign on."""

    label: str
    published_at: datetime | None = None
    maker: str = ""
    reviewer: str = ""
    approver: str = ""


def list_version(site: Any) -> ListVersion:
    """Return the list version of a site: until a list is published, the day of its newest risk point."""
    newest = RiskPoint.objects.filter(site=site).aggregate(newest=Max("created_at"))["newest"]
    if newest is None:
        return ListVersion(_("no risk points yet"))
    return ListVersion(_("as of %(day)s") % {"day": f"{newest:%Y-%m-%d}"}, newest)
