"""Plain words for changes, doubts and candidates."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DOUBTS: Final[dict[str, Any]] = {
    "several": gettext_lazy("Several elements may be the one it stood on."),
    "unlike": gettext_lazy("One element may be the one it stood on, but it is not like it enough."),
    "cut_off": gettext_lazy("Its element was cut; the part it stood on is another element now."),
}
PARTS: Final[dict[str, Any]] = {
    "shape": gettext_lazy("shape"),
    "place": gettext_lazy("place"),
    "name": gettext_lazy("name"),
    "type": gettext_lazy("type"),
    "storey": gettext_lazy("storey"),
    "neighbours": gettext_lazy("neighbours"),
}
REFUSALS: Final[dict[str, Any]] = {
    "forbidden": gettext_lazy("Only the BIM engineer, the project manager and the safety roles may decide here."),
    "decided": gettext_lazy("Somebody has decided on this anchor already."),
    "no_candidate": gettext_lazy("This element is no candidate; choose one of the list."),
    "not_there": gettext_lazy("This element is no longer in the newest revision; reload the page."),
    "decision": gettext_lazy("Choose one of the buttons."),
}


def doubt_words(reason: str) -> str:
    """Return why an anchor waits."""
    return str(DOUBTS.get(reason, reason))


def reasons_words(reasons: dict[str, float]) -> str:
    """Return how alike a candidate is, part by part."""
    return " · ".join(f"{PARTS.get(name, name)} {round(value * 100)} %" for name, value in reasons.items())


def detail_words(detail: dict[str, Any]) -> str:
    """Return what changed of one element."""
    said = []
    if "moved_m" in detail:
        said.append(_("moved by %(way)s m") % {"way": f"{detail['moved_m']:.3f}"})
    if "shape" in detail:
        before, after = (" × ".join(f"{v:.3f}" for v in size) if size else "–" for size in detail["shape"])
        said.append(_("size %(before)s → %(after)s m") % {"before": before, "after": after})
    for name, label in (("name", _("name")), ("type_name", _("type")), ("storey", _("storey")), ("ifc_class", "IFC")):
        if name in detail:
            before, after = (value or "–" for value in detail[name])
            said.append(f"{label}: {before} → {after}")
    if detail.get("facts"):
        said.append(_("properties, materials or groups"))
    if detail.get("new_global_id"):
        said.append(_("new GlobalId"))
    return "; ".join(said)
