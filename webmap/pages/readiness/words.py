"""What the page says of counts, limits and figures."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bim.readiness.grades import Limits


def share_words(value: float) -> str:
    """Return a share of one as percent without needless digits."""
    return f"{value * 100:g} %"


def limits_words(limits: Limits) -> str:
    """Return when a check lowers its function's grade."""
    gap = (
        _("any failure")
        if limits.gap_above == 0
        else _("more than %(share)s") % {"share": share_words(limits.gap_above)}
    )
    if limits.fail_above is None:
        return _("B: %(gap)s; never C") % {"gap": gap}
    if limits.fail_above == limits.gap_above:
        return _("C: %(gap)s") % {"gap": gap}
    return _("B: %(gap)s; C: more than %(share)s") % {"gap": gap, "share": share_words(limits.fail_above)}


def count_words(judged: bool, checked: int, failed: int, required: bool) -> str:
    """Return how many failed of how many."""
    if not judged:
        return "–"
    if not checked:
        return _("none there") if required else "–"
    return _("%(failed)s of %(checked)s") % {"failed": failed, "checked": checked}


def rest_words(passed: int, aside: int) -> str:
    """Return how many checks are passed, and how many were not judged or found nothing to look at."""
    said = [_("passed: %(count)s") % {"count": passed}] if passed else []
    if aside:
        said.append(_("not judged or nothing to look at: %(count)s") % {"count": aside})
    return " · ".join(said)


def figure_words(figures: dict[str, Any]) -> str:
    """Return the measured figures of a check."""
    said = []
    for name, value in figures.items():
        if name == "largest_m":
            said.append(_("%(value)s m apart") % {"value": value})
        elif name == "gap_m":
            said.append(_("nearest storey %(value)s m off") % {"value": value})
        elif name == "least_m":
            said.append(_("least height %(value)s m") % {"value": value})
        elif name == "lowest_m":
            said.append(_("lowest %(value)s m") % {"value": value})
        elif name == "levels_m" and value:
            said.append(_("storeys at %(values)s m") % {"values": ", ".join(f"{level:g}" for level in value[:8])})
        elif name == "least_percent":
            said.append(_("least cover %(value)s %%") % {"value": value})
    return "; ".join(said)
