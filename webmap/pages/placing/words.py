"""Plain words for places of models: what an import found, and what pairs of points give."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bim.hand_placing import PlacingRefused
from bim.placing_rules import Doubt, PairsRefused
from webmap.pages.imports.words import said_words


def sentence_words(sentence: Any) -> str:
    """Return a sentence of an import's checks in the reader's language."""
    code = getattr(sentence, "code", None)
    return said_words({"code": code, "values": sentence.values}, str(sentence)) if code else str(sentence)


def pairs_words(refused: PairsRefused) -> str:
    """Return why pairs give no place and what to do."""
    sentences = {
        "too_few": _("The model has no place yet, so one pair cannot turn it: give two pairs or more.")
        if refused.values.get("count")
        else _("Give a point in the model and the same point on the map."),
        "too_many": _("More than %(most)s pairs are not taken."),
        "no_number": _("Pair %(number)s is not complete: x, y, z and E, N must be numbers; H may be left empty."),
        "one_place_in_model": _("The points in the model lie in one place: choose points far apart."),
        "one_place_in_map": _("The points on the map lie in one place: choose points far apart."),
        "no_height": _("The model has no height yet: give H (Yellow Sea 1985) for one pair at least."),
    }
    return sentences.get(refused.code, refused.code) % refused.values


def doubt_words(doubt: Doubt) -> str:
    """Return what a person must confirm before a place is kept."""
    sentences = {
        "rms": _("The points fit within %(rms_m)s m only; %(largest_m)s m are usual for good control points."),
        "scale": _(
            "Distances on the map are %(scale)s times those in the model (1 ± 0.0003 is usual): "
            "check the points, the length unit and the zone."
        ),
        "mirrored": _(
            "The points are mirrored: the model would have to be turned over. "
            "Are east and north, or two points, swapped?"
        ),
    }
    return sentences[doubt.code] % doubt.values


def placing_words(refused: PlacingRefused) -> str:
    """Return why a placement was not kept."""
    if refused.code == "not_trusted":
        return sentence_words(refused.sentence)
    return {
        "not_imported": _("Only an imported revision can be placed."),
        "not_confirmed": _("Confirm the warnings first, or correct the points."),
        "none_holds": _("No placement by hand holds for this model."),
    }.get(refused.code, refused.code)
