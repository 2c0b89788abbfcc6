"""Admin pages whose changes write acts, for tables that are set up by hand."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from spatial.administration import ScopedAdmin

from .operations import record_act


class ActingAdmin(ScopedAdmin):
    """A scoped admin page; each change by hand writes an act."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a row and write the act, in the admin's own transaction."""
        super().save_model(request, obj, form, change)
        write_act(obj, request.user, "admin_change" if change else "admin_add", list(form.changed_data))


def write_act(obj: Model, user: Any, verb: str, fields: list[str]) -> None:
    """This function will write the act of a change by the admin: who, which row, which fields."""
    site = obj if obj._meta.label == "places.Site" else getattr(obj, "site", None)
    organisation = obj if obj._meta.label == "places.Organisation" else getattr(obj, "organisation", None)
    now = timezone.now()
    record_act(
        organisation=organisation or getattr(site, "organisation", None),
        site=site,
        actor=user,
        verb=verb,
        subject_kind=str(obj._meta.model_name),
        subject_id=obj.pk,
        details={"fields": fields, "row": str(obj)},
        occurred_at=now,
        received_at=now,
    )
