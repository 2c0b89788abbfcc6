"""Plain words for what became of a model file."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bim.ifc.place_sentences import SENTENCES
from bim.pipeline.site_context import HAND_LEVEL, HAND_SOURCE
from bim.queries import waits_behind

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
    "IfcMapConversionScaled": gettext_lazy("the file's own map conversion"),
    "IfcRigidOperation": gettext_lazy("the file's own shift into map coordinates (IfcRigidOperation)"),
    "WorldCoordinateSystem": gettext_lazy("the origin of the file's coordinate system (WorldCoordinateSystem)"),
    "IfcSite placement": gettext_lazy("the placement of the file's site"),
    "IfcSite latitude and longitude": gettext_lazy("latitude and longitude of the file's site"),
    HAND_SOURCE: gettext_lazy("the placement by hand"),
}


def stage_words(stage: str) -> str:
    """Return what the import is doing; a stage of a newer pipeline is shown by its name."""
    return str(STAGES.get(stage, stage))


def progress_words(revision: Any) -> str:
    """Return what an import that is not finished does, or which one it waits for."""
    before = waits_behind(revision)
    if before is None:
        return stage_words(revision.stage)
    return _("Waiting behind %(model)s (%(file)s)") % {"model": before.model.name, "file": before.file_name}


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
            "are on no map. Place it by hand, or set the map conversion in the authoring tool, export again and "
            "upload it under the same name."
        )
    origin, hand = georeference.get("origin") or {}, georeference.get("hand") or {}
    values = {
        "source": source_words(georeference.get("source")),
        "crs": georeference.get("crs") or "–",
        "lat": f"{origin.get('lat', 0.0):.6f}",
        "lon": f"{origin.get('lon', 0.0):.6f}",
        "height": f"{origin.get('height_m', 0.0):.2f}",
        "turn": f"{georeference.get('rotation_deg') or 0.0:.3f}",
        "on": hand.get("on", "–"),
        "by": hand.get("by", "–"),
    }
    if georeference.get("level") == HAND_LEVEL:
        return (
            _(
                "Placed by hand on %(on)s by %(by)s in %(crs)s: origin %(lat)s° N, %(lon)s° E, %(height)s m "
                "(Yellow Sea 1985), turned %(turn)s°."
            )
            % values
        )
    return (
        _(
            "Placed by %(source)s in %(crs)s: origin %(lat)s° N, %(lon)s° E, %(height)s m (Yellow Sea 1985), turned "
            "%(turn)s°."
        )
        % values
    )


def source_words(source: str | None) -> str:
    """Return the name of a carrier of georeference."""
    return str(SOURCES.get(source or "", source or "–"))


def said_words(said: dict[str, Any] | None, otherwise: str = "") -> str:
    """Return a stored sentence (code and values) in the reader's language; text without a code as it is."""
    if not said or said.get("code") not in SENTENCES:
        return otherwise
    return _(SENTENCES[said["code"]]) % said["values"]


def place_warnings(georeference: dict[str, Any] | None) -> list[str]:
    """Return the warnings about a place."""
    warnings = (georeference or {}).get("warnings") or []
    said = (georeference or {}).get("warnings_said") or []
    return [said_words(said[i] if i < len(said) else None, text) for i, text in enumerate(warnings)]


def other_places(georeference: dict[str, Any] | None) -> list[str]:
    """Return a sentence for each other statement in the file about its place: why set aside, or how far off."""
    found = []
    for other in (georeference or {}).get("others") or []:
        values = {"source": source_words(other.get("source")), "distance": _distance_words(other.get("distance_m"))}
        if other.get("problem"):
            values["problem"] = said_words(other.get("problem_said"), other["problem"])
            sentence = _("Set aside: %(source)s. %(problem)s")
        elif other.get("distance_m") is None:
            sentence = _("Not compared: %(source)s.")
        elif other["distance_m"] > 1:
            sentence = _("Ignored: %(source)s, which disagrees by %(distance)s.")
        else:
            sentence = _("In agreement: %(source)s (%(distance)s away).")
        found.append(sentence % values)
    return found


def _distance_words(metres: float | None) -> str:
    if metres is None:
        return "–"
    return f"{metres / 1000:,.0f} km" if metres >= 10_000 else f"{metres:,.1f} m"


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
