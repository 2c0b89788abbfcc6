"""Which edition of the rule tables is valid on a day and at a place, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet, Subquery

from spatial.scope import among

from .differences import with_differences
from .models import Edition, PackChoice, RulePack

NATIONAL_PACK = "cn-national"
_TABLES_BY_HASH: dict[str, dict[str, Any]] = {}
_FOLLOWED: dict[Any, tuple[Any, Edition | None]] = {}
MOST_FOLLOWED = 10_000
"""So many places and days are kept at most."""


class EditionMissing(LookupError):
    """No edition of the pack is valid on the day asked for."""


def valid_editions(on: date) -> QuerySet[Edition]:
    """Return the editions valid on a day without their tables, for each pack the newest first."""
    rows = Edition.objects.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    return rows.defer("tables", "differences").order_by("-valid_from", "-created_at", "-id")


def current_edition(*, pack: str = NATIONAL_PACK, on: date) -> Edition:
    """Return the newest edition of a pack that is valid on a day (its tables deferred: read them by `table`).

    Which pack a site follows is asked by `edition_for`. Raises EditionMissing with a sentence that names the
    command to run.
    """
    edition = valid_editions(on).filter(pack=pack).first()
    if edition is None:
        raise EditionMissing(f"No edition of {pack} is valid on {on}; run ./twin manage load_rulebook.")
    return edition


def _above(path: str, step: int = 4) -> list[str]:
    """Return a treebeard path and the paths of all nodes above it, the deepest first."""
    return [path[:end] for end in range(len(path), 0, -step)]


def _paths(place: Any) -> tuple[list[str], list[str]]:
    """Return the paths at or above a site, organisation or region: of organisations, and of regions."""
    kind = place._meta.model_name
    if kind == "site":
        return _above(place.organisation.path), _above(place.region.path) if place.region_id else []
    if kind == "organisation":
        return _above(place.path), []
    return [], _above(place.path)


def day_at(place: Any, on: date | datetime) -> date:
    """Return the day of a moment on a site's calendar (elsewhere: on the installation's); a date is that day."""
    if not isinstance(on, datetime):
        return on
    return on.astimezone(ZoneInfo(getattr(place, "time_zone", None) or settings.TIME_ZONE)).date()


def _choices(organisations: Iterable[str], regions: Iterable[str], on: date) -> list[tuple[str, str, PackChoice]]:
    """Return (kind, path, choice) of the choices valid from a day or earlier at these paths, the latest first."""
    rows = (
        PackChoice.objects.filter(
            Q(organisation__path__in=among(organisations, "text")) | Q(region__path__in=among(regions, "text"))
        )
        .filter(valid_from__lte=on)
        .select_related("pack", "organisation", "region")
        .order_by("-valid_from", "-created_at", "-id")
    )
    found = []
    for row in rows:
        if row.organisation is not None:
            found.append(("organisation", row.organisation.path, row))
        elif row.region is not None:
            found.append(("region", row.region.path, row))
    return found


def _nearest(place: Any, day: date, found: list[tuple[str, str, PackChoice]]) -> PackChoice | None:
    latest: dict[tuple[str, str], PackChoice] = {}
    for kind, path, row in found:
        if row.valid_from <= day:
            latest.setdefault((kind, path), row)
    for kind, paths in zip(("organisation", "region"), _paths(place), strict=True):
        for path in paths:
            choice = latest.get((kind, path))
            if choice is not None and choice.pack_id:
                return choice
    return None


def choices_for(
    places: Iterable[Any], *, on: date | datetime, without: Any | None = None
) -> dict[UUID, PackChoice | None]:
    """Return the choice each place follows on a day, by the place's id, in one query; None is the national pack.

    A place is a site, an organisation or a region. The nearest organisation at or above wins, then the nearest
    region at or above the site. Given a moment, the day is that of the site's own time zone. Choices made by
    `without` itself are left out: what would be followed were they taken back.
    """
    places = list(places)
    if not places:
        return {}
    paths = [_paths(place) for place in places]
    last = max(day_at(place, on) for place in places)
    found = _choices({p for one, _ in paths for p in one}, {p for _, one in paths for p in one}, last)
    if without is not None:
        found = [row for row in found if row[:2] != (without._meta.model_name, without.path)]
    if not found:
        return dict.fromkeys((place.pk for place in places), None)
    return {place.pk: _nearest(place, day_at(place, on), found) for place in places}


def choice_for(place: Any, *, on: date | datetime) -> PackChoice | None:
    """Return the choice that a site, organisation or region follows on a day, or None for the national pack."""
    return choices_for([place], on=on)[place.pk]


def _newest(codes: set[str], day: date) -> dict[str, Edition]:
    """Return the edition of each of these packs valid on a day. Raises EditionMissing without a national one."""
    newest: dict[str, Edition] = {}
    for edition in valid_editions(day).filter(pack__in=codes):
        newest.setdefault(edition.pack, edition)
    if NATIONAL_PACK not in newest:
        current_edition(on=day)  # raises with the sentence that says what to do
    return newest


def editions_for(places: Iterable[Any], *, on: date | datetime, without: Any | None = None) -> dict[UUID, Edition]:
    """Return the edition each place follows on a day, by the place's id, in two queries (one more per other day).

    A pack that has no edition valid on the day falls back to the national one. Raises EditionMissing when that
    has none either.
    """
    places = list(places)
    chosen = choices_for(places, on=on, without=without)
    codes = {NATIONAL_PACK, *(choice.pack.code for choice in chosen.values() if choice and choice.pack)}
    newest: dict[date, dict[str, Edition]] = {}
    result: dict[UUID, Edition] = {}
    for place in places:
        day, choice = day_at(place, on), chosen[place.pk]
        if day not in newest:
            newest[day] = _newest(codes, day)
        code = choice.pack.code if choice and choice.pack else NATIONAL_PACK
        result[place.pk] = newest[day].get(code) or newest[day][NATIONAL_PACK]
    return result


def edition_for(organisation_or_site: Any, *, on: date | datetime) -> Edition:
    """Return the edition that a site (or organisation, or region) follows on a day, or at a moment's day there.

    The organisation's own choice counts, else the nearest above it, else that of the site's region or the nearest
    above, else cn-national. Raises EditionMissing.
    """
    return editions_for([organisation_or_site], on=on)[organisation_or_site.pk]


def followed_edition(place: Any, *, on: date | datetime) -> Edition | None:
    """Return what `edition_for` does, kept in memory until somebody chooses a pack or an edition is loaded; None where
    no edition is valid. For what asks often: one small question instead of those for the tree above a place."""
    organisations, regions = _paths(place)
    key = (tuple(organisations), tuple(regions), getattr(place, "time_zone", None), day_at(place, on))
    choice = PackChoice.objects.order_by("-created_at", "-id").values("pk")[:1]
    loaded = Edition.objects.order_by("-created_at", "-id").values_list("pk", Subquery(choice))[:1]
    version = next(iter(loaded), None)
    held = _FOLLOWED.get(key)
    if held is None or held[0] != version:
        if len(_FOLLOWED) >= MOST_FOLLOWED:
            _FOLLOWED.clear()
        try:
            held = (version, edition_for(place, on=on))
        except EditionMissing:
            held = (version, None)
        _FOLLOWED[key] = held
    return held[1]


def resolved_tables(edition: Edition) -> dict[str, Any]:
    """Return all tables of an edition, inherited ones included, each with source, mark and content.

    Tables are kept in memory by the hash of their content, so a cached table can never be an old one.
    """
    if edition._state.adding:  # a draft: never kept, so that nothing unpublished is found later
        return with_differences(resolved_tables(edition.base), edition.differences) if edition.base else edition.tables
    tables = _TABLES_BY_HASH.get(edition.sha256)
    if tables is None:
        row = Edition.objects.select_related("base").defer("base__tables", "base__differences").get(pk=edition.pk)
        tables = with_differences(resolved_tables(row.base), row.differences) if row.base else row.tables
        _TABLES_BY_HASH[edition.sha256] = tables
    return tables


def table(edition: Edition, name: str) -> Any:
    """Return the content of one table of an edition. Raises KeyError when the edition has no such table."""
    return resolved_tables(edition)[name]["content"]


def followed_table(place: Any, name: str, *, on: date | datetime) -> Any | None:
    """Return the content of a table as it counts at a place on a day; None where its edition has none."""
    edition = followed_edition(place, on=on)
    tables = resolved_tables(edition) if edition is not None else {}
    return tables[name]["content"] if name in tables else None


def lineage(edition: Edition) -> list[Edition]:
    """Return the editions an edition inherits, from its base up."""
    above = []
    base = edition.base
    while base is not None:
        above.append(base)
        base = base.base
    return above


def packs_for(organisation: Any | None) -> QuerySet[RulePack]:
    """Return the packs that an organisation may choose: those of everybody, and those of it or above it."""
    own = Q(organisation__path__in=_above(organisation.path)) if organisation is not None else Q(pk__in=[])
    return RulePack.objects.filter(Q(organisation__isnull=True) | own).order_by("organisation", "code")


def choices_of(reach: Any) -> QuerySet[PackChoice]:
    """Return the choices made by an organisation or region itself, the newest first."""
    rows = PackChoice.objects.filter(**{reach._meta.model_name: reach})
    return rows.select_related("pack").order_by("-valid_from", "-created_at")


def organisations_ruled_by(user: Any) -> list[str]:
    """Return the paths of the organisations whose rules a user may set: where they are the safety department."""
    if user is None or not user.is_authenticated or not user.is_active:
        return []
    rows = user.memberships.filter(role="enterprise_safety", organisation__isnull=False)
    return sorted(set(rows.values_list("organisation__path", flat=True)))


def may_set_rules(user: Any, reach: Any) -> bool:
    """Return whether a user may set the rules of an organisation or region: which pack is followed, and what is
    required beyond it. A region's are the operator's to set."""
    if user is not None and user.is_active and user.is_superuser:
        return True
    if reach._meta.model_name != "organisation":
        return False
    return any(reach.path.startswith(path) for path in organisations_ruled_by(user))
