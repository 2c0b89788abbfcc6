"""A company's own edition with numbers of its own, for tests of what they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from spatial.rulebook.models import Edition
from spatial.rulebook.operations import publish_edition
from spatial.rulebook.queries import current_edition


def noon_of_tomorrow() -> datetime:
    """Return the noon of tomorrow: rules may be set from today on."""
    local = timezone.localtime(timezone.now()) + timedelta(days=1)
    return local.replace(hour=12, minute=0, second=0, microsecond=0)


def publish_own(cast: Any, day: datetime, answers: dict[str, Any]) -> Edition:
    """Publish an edition of the cast's company that counts from a day on; `answers` are numbers by
    `table.group.name`."""
    return publish_edition(
        organisation=cast.organisation, base=current_edition(on=day.date()),
        answers=answers, source="公司〔2026〕8号", valid_from=day.date(), actor=None, now=timezone.now(),
        today=timezone.localdate(),
    )  # fmt: skip
