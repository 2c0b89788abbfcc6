"""Words and numbers of measurements in the active language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from spatial.observations.models import Datastream
from spatial.observations.quantities import Quantity, quantity_of, unit_sign
from webmap.wording.sentences import Sentences

KINDS = {
    "crane": lazy("Tower cranes"),
    "hoist": lazy("Hoists"),
    "vehicle": lazy("Vehicles"),
    "platform": lazy("Platforms"),
    "formwork": lazy("Formwork"),
    "pit": lazy("Foundation pit"),
    "electrical": lazy("Electricity"),
    "gas": lazy("Gas"),
    "environment": lazy("Dust and noise"),
    "weather": lazy("Weather"),
    "fire": lazy("Fire"),
    "major_source": lazy("Major hazard sources"),
    "device": lazy("Devices"),
}
LEVELS = {"blue": lazy("blue"), "yellow": lazy("yellow"), "orange": lazy("orange"), "red": lazy("red")}
GRADES = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
REFUSALS = Sentences(
    gettext_noop("Only the safety officer, the project manager or the safety department sets limits."),
)


def quantity_name(quantity: Quantity) -> str:
    """Return a quantity's name in the active language."""
    return quantity.name(get_language() or "zh-hans")


def stream_name(stream: Datastream) -> str:
    """Return what a datastream is called: its own name, else device, quantity and channel."""
    if stream.name:
        return stream.name
    return " ".join(filter(None, [stream.device.name, quantity_name(quantity_of(stream.quantity)), stream.channel]))


def value_words(value: float | None, quantity: Quantity, *, unit: bool = True) -> str:
    """Return a value with its unit, or a dash."""
    if value is None:
        return "–"
    return f"{value:.{quantity.places}f} {unit_sign(quantity.unit) if unit else ''}".strip()


def local(moment: datetime, site: Any) -> str:
    """Return a moment in the site's time."""
    return f"{moment.astimezone(ZoneInfo(site.time_zone)):%Y-%m-%d %H:%M:%S}"


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was."""
    if moment is None:
        return _("never")
    seconds = max(0, int((now - moment) / timedelta(seconds=1)))
    if seconds < 120:
        return ngettext("%(n)s second ago", "%(n)s seconds ago", seconds) % {"n": seconds}
    minutes = seconds // 60
    if minutes < 120:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 72:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
    return ngettext("%(n)s day ago", "%(n)s days ago", hours // 24) % {"n": hours // 24}
