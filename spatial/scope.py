"""Whose row is it, and who may see it: base classes of every domain table.

A user sees a site through a membership of the site itself, of an organisation at or above the site's, or of a
region at or above the site's (层级包含: outer layers see all that inner layers produce).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, Self, cast
from uuid import UUID

import uuid_utils
from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL


def uuid7() -> UUID:
    """Return a new time-ordered UUIDv7, the public id of every row."""
    return UUID(int=uuid_utils.uuid7().int)


def among(values: Iterable[UUID] | Iterable[str], kind: Literal["uuid", "text"] = "uuid") -> RawSQL:
    """Return what `…__in` takes for thousands of values: one parameter. Of a list Django makes one each, and spends
    longer on them than the database on the answer."""
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(values)])


def visible_site_ids(user: Any) -> QuerySet:
    """Return the ids of the sites that a user may see, as a subquery; none for anonymous users."""
    site = apps.get_model("places", "Site")
    if user is None or not user.is_authenticated or not user.is_active:
        return site.objects.none().values("id")
    if user.is_superuser:
        return site.objects.values("id")
    return reached_site_ids(user.memberships.all())


def reached_site_ids(memberships: QuerySet) -> QuerySet:
    """Return the ids of the sites that these memberships reach, as a subquery."""
    site = apps.get_model("places", "Site")
    reach = Q(pk__in=[])
    for membership in memberships.select_related("organisation", "region"):
        if membership.site_id:
            reach |= Q(id=membership.site_id)
        elif membership.organisation_id:
            reach |= Q(organisation__path__startswith=membership.organisation.path)
        elif membership.region_id:
            reach |= Q(region__path__startswith=membership.region.path)
    return site.objects.filter(reach).values("id")


class SiteRowQuerySet(models.QuerySet):
    """Rows of a site; `visible_to` is the first call of every page, answer, stream, tile and photo."""

    def visible_to(self, user: Any) -> Self:
        """Return the rows on sites that this user may see."""
        return cast(Self, self.filter(site__in=visible_site_ids(user)))


class Row(models.Model):
    """A row with a UUIDv7 as its public id and the server's time of writing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class SiteRow(Row):
    """A row that belongs to a site and its organisation."""

    organisation = models.ForeignKey("places.Organisation", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("places.Site", on_delete=models.PROTECT, related_name="+")

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        abstract = True
