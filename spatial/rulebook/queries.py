"""Which edition of the rule tables is valid on a day, and what it says."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from .models import Edition

NATIONAL_PACK = "cn-national"
_TABLES_BY_HASH: dict[str, dict[str, Any]] = {}


class EditionMissing(LookupError):
    """No edition of the pack is valid on the day asked for."""


def current_edition(*, pack: str = NATIONAL_PACK, on: date) -> Edition:
    """Return the newest edition of a pack that is valid on a day (its tables deferred: read them by `table`).

    Raises EditionMissing with a sentence that names the command to run.
    """
    valid = Edition.objects.filter(pack=pack, valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    edition = valid.defer("tables").order_by("-valid_from", "-version").first()
    if edition is None:
        raise EditionMissing(f"No edition of {pack} is valid on {on}; run ./twin manage load_rulebook.")
    return edition


def table(edition: Edition, name: str) -> Any:
    """Return the content of one table of an edition. Raises KeyError when the edition has no such table.

    Tables are kept in memory by the hash of their content, so a cached table can never be an old one.
    """
    tables = _TABLES_BY_HASH.get(edition.sha256)
    if tables is None:
        tables = _TABLES_BY_HASH[edition.sha256] = Edition.objects.values_list("tables", flat=True).get(pk=edition.pk)
    return tables[name]["content"]
