"""Findings and refusals of zones in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext as _

from ingest.zone_files.reading import FileRefused
from spatial.media import BlobMissing
from spatial.zones.models import ZoneVersion
from spatial.zones.outline_rules import Finding
from spatial.zones.refusals import SENTENCES, ZoneRefused


def finding_words(finding: Finding) -> str:
    """Return what is wrong and what to do."""
    return gettext(SENTENCES[finding.code]) % finding.values


def refusal_words(error: ZoneRefused) -> str:
    """Return why a zone was not written."""
    if error.findings:
        return " ".join(finding_words(finding) for finding in error.findings)
    if not error.code:
        return str(error)
    values = dict(error.values)
    if "field" in values:
        values["field"] = field_words(values["field"])
    return gettext(SENTENCES[error.code]) % values


def file_words(refusal: Exception) -> str:
    """Return why a file is not taken."""
    if isinstance(refusal, BlobMissing):
        return _("The file is no longer here: choose it again.")
    if not isinstance(refusal, FileRefused):
        return str(refusal)
    sentences = {
        "suffix": _("%(name)s is not a GeoJSON (.geojson), GeoPackage (.gpkg) or DXF (.dxf) file."),
        "too_large": _("The file is larger than 20 MB: leave out what is not a zone."),
        "unreadable": _("The file cannot be read: %(why)s"),
        "no_polygons": _(
            "There is no closed outline in the file. Close the polylines of the zones (%(others)s found)."
        ),
        "too_many": _("The file has %(count)s outlines; %(most)s are the most. Choose layers."),
    }
    return sentences[refusal.code] % refusal.values


def field_words(name: str) -> str:
    """Return what a field of a zone is called."""
    return {
        "code": _("Code"),
        "name": _("Name"),
        "kind": _("Kind"),
        "bottom_m": _("Bottom (m)"),
        "top_m": _("Top (m)"),
        "parent": _("Lies in"),
        "storeys": _("Storeys"),
        "outline": _("Outline (m²)"),
        "active": _("In use"),
        "element": _("Element"),
        "reason": _("Reason"),
    }.get(name, name)


def value_words(value: Any) -> str:
    """Return a value of a zone as text."""
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) and value == round(value, 2) else str(value)


def change_lines(version: ZoneVersion) -> list[dict[str, str]]:
    """Return what changed with a version, a line for each field."""
    return [
        {"field": field_words(name), "before": value_words(before), "after": value_words(after)}
        for name, (before, after) in version.changes.items()
    ]
