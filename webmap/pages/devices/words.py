"""How devices stand, in the reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.devices.expiry_rules import Standing
from spatial.devices.health_rules import ClockOffset
from spatial.devices.kinds import catalogue, quantities
from spatial.devices.models import Device, Paper
from spatial.devices.queries import Expiring
from webmap.wording.reader import reads_chinese

STATES = {
    "live": gettext_lazy("Reporting"),
    "silent": gettext_lazy("Silent"),
    "never": gettext_lazy("Never heard of"),
    "quiet": gettext_lazy("Registered only"),
    "retired": gettext_lazy("Out of use"),
}
LEVELS = {
    "blue": gettext_lazy("ends within 30 days"),
    "yellow": gettext_lazy("ends within 15 days"),
    "orange": gettext_lazy("ends within 7 days"),
    "expired": gettext_lazy("expired"),
}


def ago_words(passed: timedelta) -> str:
    """Return how long ago something was."""
    seconds = max(0, round(passed.total_seconds()))
    if seconds < 120:
        return _("%(count)s s ago") % {"count": seconds}
    if seconds < 7200:
        return _("%(count)s min ago") % {"count": seconds // 60}
    if seconds < 172_800:
        return _("%(count)s h ago") % {"count": seconds // 3600}
    return _("%(count)s days ago") % {"count": seconds // 86_400}


def local(moment: datetime, site: Any) -> str:
    """Return a moment by the clock of the site."""
    return moment.astimezone(ZoneInfo(site.time_zone)).strftime("%Y-%m-%d %H:%M:%S")


def clock_words(offset: ClockOffset | None) -> str:
    """Return how far a clock is off, and how much that varies: receive minus event time."""
    if offset is None:
        return "—"
    spread = offset.spread.total_seconds()
    return f"{offset.median.total_seconds():+.1f} s ± {spread / 2:.1f}"


def clock_is_off(offset: ClockOffset | None) -> bool:
    """Return whether somebody should set the clock: ahead by more than 2 s, or behind by more than 10 s."""
    return offset is not None and not -2.0 <= offset.median.total_seconds() <= 10.0


def expiry_words(standing: Standing) -> str:
    """Return how near the last day is."""
    if standing.expired:
        return _("expired %(count)s days ago") % {"count": -standing.days_left}
    if standing.days_left == 0:
        return _("today is the last day")
    return _("%(count)s days left") % {"count": standing.days_left}


def paper_words(item: Expiring) -> str:
    """Return what a paper or calibration is called."""
    if isinstance(item.row, Paper):
        return f"{item.row.get_kind_display()} {item.row.number}"
    return f"{_('Calibration')} {quantity_words(item.row.quantity)} {item.row.channel} {item.row.certificate_number}"


def quantity_words(code: str) -> str:
    """Return what a quantity is called, with its unit."""
    found = quantities().get(code)
    if found is None:
        return code
    unit = {"Cel": "°C", "deg": "°", "[ppth]": "‰", "{person}": "", "1": ""}.get(found.unit, found.unit)
    name = found.zh if reads_chinese() else found.en
    return f"{name} ({unit})" if unit else name


def add_on_words(code: str) -> str:
    """Return what an add-on is called."""
    found = catalogue().add_ons.get(code)
    return (found.zh if reads_chinese() else found.en) if found else code


def capability_words(codes: tuple[str, ...]) -> list[str]:
    """Return what a device can do."""
    held = catalogue().capabilities
    return [held[code][0 if reads_chinese() else 1] for code in codes]


def kind_choices() -> list[tuple[str, Any]]:
    """Return the kinds of devices."""
    return list(Device.Kind.choices)
