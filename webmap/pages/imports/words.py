"""Plain words for what became of a model file."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

STAGES: Final[dict[str, Any]] = {
    "": gettext_lazy("Waiting for a worker"),
    "start": gettext_lazy("Starting"),
    "check": gettext_lazy("Checking the file"),
    "read": gettext_lazy("Reading elements and properties"),
    "mesh": gettext_lazy("Building shapes"),
    "footprints": gettext_lazy("Laying footprints"),
    "tiles": gettext_lazy("Writing 3D tiles"),
    "write": gettext_lazy("Storing"),
    "done": gettext_lazy("Done"),
}
SOURCES: Final[dict[str, Any]] = {
    "IfcMapConversion": gettext_lazy("the file's own map conversion"),
    "ePSet_MapConversion": gettext_lazy("the map conversion in the file's property sets"),
    "IfcSite": gettext_lazy("latitude and longitude of the file's site"),
}


def stage_words(stage: str) -> str:
    """Return what the import is doing; a stage of a newer pipeline is shown by its name."""
    return str(STAGES.get(stage, stage))


def verdict_words(revision: Any) -> str:
    """Return one or two sentences that say what became of the file and, where it is needed, what to do now."""
    verdict = revision.verdict or {}
    if revision.state == "cancelled":
        return _("The import was cancelled. Nothing of the file was kept.")
    if revision.state == "refused":
        return _("The file was not imported. Nothing of it was kept.")
    if not revision.is_imported:
        return ""
    counts = {"elements": verdict.get("elements", 0), "meshed": verdict.get("meshed", 0)}
    text = _("%(elements)d elements were imported, %(meshed)d of them have a shape.") % counts
    gaps = len(verdict.get("gaps", []))
    if counts["elements"] > counts["meshed"] + gaps:
        text += " " + _("The others have no body of their own: openings, spaces, groups.")
    if gaps:
        text += " " + ngettext(
            "%(gaps)d element could not be shaped; it is listed below with the reason.",
            "%(gaps)d elements could not be shaped; they are listed below with the reason.",
            gaps,
        ) % {"gaps": gaps}
    return text


def georeference_words(georeference: dict[str, Any] | None) -> str:
    """Return where the model stands and by which of the file's statements, or what to do when it stands nowhere."""
    if not georeference:
        return ""
    if not georeference.get("placed"):
        return _(
            "Unplaced: the file holds no place that can be trusted. The model can be looked at, but its elements "
            "are on no map. Set the map conversion in the authoring tool, export again and upload it under the "
            "same name."
        )
    source = str(SOURCES.get(georeference.get("source") or "", georeference.get("source") or "–"))
    origin = georeference.get("origin") or {}
    values = {
        "source": source,
        "crs": georeference.get("crs") or "–",
        "lat": f"{origin.get('lat', 0.0):.6f}",
        "lon": f"{origin.get('lon', 0.0):.6f}",
        "height": f"{origin.get('height_m', 0.0):.2f}",
        "turn": f"{georeference.get('rotation_deg') or 0.0:.3f}",
    }
    return (
        _(
            "Placed by %(source)s in %(crs)s: origin %(lat)s° N, %(lon)s° E, %(height)s m (Yellow Sea 1985), turned "
            "%(turn)s°."
        )
        % values
    )


def time_left_words(seconds: float | None) -> str:
    """Return the estimated time left, in seconds below two minutes, else in minutes."""
    if seconds is None:
        return ""
    if seconds < 120:
        return ngettext("about %(count)d second left", "about %(count)d seconds left", round(seconds)) % {
            "count": round(seconds)
        }
    minutes = round(seconds / 60)
    return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {"count": minutes}
