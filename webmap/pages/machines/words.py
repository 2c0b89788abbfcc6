"""How machines and their numbers are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.machines.cranes import PairCheck
from spatial.machines.limits import Limits
from spatial.machines.queries import pair_checks
from spatial.machines.scene import SiteMachines
from webmap.live.machines import MachineOut

STATES = {
    "live": gettext_lazy("Reports"),
    "silent": gettext_lazy("Silent: state unknown"),
    "never": gettext_lazy("Never reported"),
    "none": gettext_lazy("No device"),
}
LEVELS = {"yellow": gettext_lazy("Yellow"), "orange": gettext_lazy("Orange"), "red": gettext_lazy("Red")}
DUE_SOON_DAYS = 30
CHECK_ITEMS = (
    gettext_lazy("Brakes and clutch"),
    gettext_lazy("Limit switches"),
    gettext_lazy("Wire ropes and pulleys"),
    gettext_lazy("Hook and its latch"),
    gettext_lazy("Bolts and pins"),
    gettext_lazy("Electrics and emergency stop"),
    gettext_lazy("Warning lights and horn"),
    gettext_lazy("Surroundings and ground"),
)


NUMBERS = {
    "distance_m": (gettext_lazy("distance"), "m"),
    "contact_s": (gettext_lazy("contact in"), "s"),
    "parts": (gettext_lazy("parts"), ""),
    "load_t": (gettext_lazy("load"), "t"),
    "load_bottom_m": (gettext_lazy("load's bottom"), "m"),
    "fall_radius_m": (gettext_lazy("falling radius"), "m"),
    "speed_m_s": (gettext_lazy("speed"), "m/s"),
    "work_radius_m": (gettext_lazy("work radius"), "m"),
    "edge_m": (gettext_lazy("from the edge"), "m"),
    "needed_m": (gettext_lazy("asked"), "m"),
    "voltage_kv": (gettext_lazy("voltage"), "kV"),
}
PARTS = {
    "jib": gettext_lazy("jib"),
    "counter-jib": gettext_lazy("counter-jib"),
    "counterweight": gettext_lazy("counterweight"),
    "rope": gettext_lazy("rope"),
    "mast": gettext_lazy("mast"),
}


def number_words(numbers: Mapping[str, Any]) -> str:
    """Return the numbers by which a rule was decided, with their units; parts of two cranes are stored with a space."""
    told = []
    for name, (label, unit) in NUMBERS.items():
        value = numbers.get(name)
        if value is None:
            continue
        if name == "parts":
            value = " – ".join(str(PARTS.get(part, part)) for part in str(value).split(" "))
        told.append(f"{label} {value} {unit}".strip())
    return " · ".join(told)


def local(moment: datetime | None, site: Any) -> str:
    """Return a moment by the clock of the site."""
    return moment.astimezone(ZoneInfo(site.time_zone)).strftime("%m-%d %H:%M:%S") if moment else ""


def short(moment: datetime | None, site: Any) -> str:
    """Return a moment by the clock of the site, to the minute."""
    return moment.astimezone(ZoneInfo(site.time_zone)).strftime("%m-%d %H:%M") if moment else ""


def due_words(valid_until: date | None, today: date) -> tuple[str, str]:
    """Return how a paper stands (`good`, `soon`, `over` or empty) and the words for it."""
    if valid_until is None:
        return "", ""
    days = (valid_until - today).days
    if days < 0:
        return "over", _("expired %(days)s days ago") % {"days": -days}
    if days <= DUE_SOON_DAYS:
        return "soon", _("ends in %(days)s days") % {"days": days}
    return "good", _("valid")


def pose_words(out: MachineOut) -> str:
    """Return where the moving parts of a machine are, in a line; empty where nothing is known."""
    if out.slew_deg is not None:
        words = _("slew %(slew).0f°, trolley %(trolley).1f m, hook %(hook).1f m, load %(load).2f t") % {
            "slew": out.slew_deg, "trolley": out.trolley_m, "hook": out.hook_m, "load": out.load_t or 0.0
        }  # fmt: skip
        if out.moment_percent is not None:
            words += " · " + _("moment %(percent).0f %%") % {"percent": out.moment_percent}
        return words
    if out.speed_m_s is not None:
        return _("speed %(speed).1f m/s") % {"speed": out.speed_m_s}
    return ""


def pairs_of(scene: SiteMachines) -> list[tuple[PairCheck, list[tuple[bool, str]]]]:
    """Return every pair of cranes with what its check says in words."""
    return [(check, pair_lines(check, scene.limits)) for check in pair_checks(scene)]


def pair_lines(check: PairCheck, limits: Limits) -> list[tuple[bool, str]]:
    """Return what is asked of a pair: whether it is met, and the sentence with its numbers."""
    needed = limits.static_gap_m
    values = {
        "one": check.one,
        "two": check.two,
        "apart": check.apart_m,
        "needed": needed,
        "tip": check.tip_clearance_m,
    }
    lines = [
        (True, _("Bases %(apart).1f m apart: the swing discs overlap.") % values)
        if check.overlaps
        else (True, _("Bases %(apart).1f m apart: the cranes do not reach each other.") % values),
        (check.tip_met, _("Jib tip to mast: %(tip).1f m, at least %(needed).1f m asked.") % values),
    ]
    if check.overlaps and check.height_gap_m is None:
        lines.append((False, _("Both jibs are at one height: heights must differ.")))
    elif check.overlaps:
        gap = {**values, "gap": check.height_gap_m, "high": check.high}
        sentence = _("Lowest part of %(high)s above the other's highest: %(gap).1f m, at least %(needed).1f m asked.")
        lines.append((check.height_met, sentence % gap))
    return lines
