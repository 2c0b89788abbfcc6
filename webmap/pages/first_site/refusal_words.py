"""The importers' refusals in the reader's language: they are pure code and speak English.

Each pattern names its parts; the sentence uses them. A refusal that no pattern knows is shown as it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop

from webmap.wording.sentences import Sentences

_FEATURE: Final = re.compile(r"Feature (?P<number>\d+)(?:, (?P<field>[\w.]+))?: (?P<reason>.*)", re.DOTALL)
_NUMBER: Final = r"-?[\d.]+(?:e[+-]?\d+)?"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file: in which feature (0: the file), in which field, why."""

    feature: int
    field: str
    reason: str


_SENTENCES: Final = Sentences(
    # any file of zones
    (r"The file is not UTF-8 JSON: (?P<why>.*)\.", gettext_noop("The file is not JSON in UTF-8: %(why)s.")),
    gettext_noop("The file must be a GeoJSON FeatureCollection with at least one feature."),
    (
        r"The file has (?P<count>\d+) features, more than (?P<limit>\d+)\.",
        gettext_noop("The file has %(count)s features, more than %(limit)s: split it."),
    ),
    gettext_noop("The file is larger than %(limit)s MB."),
    (
        r"The declared crs (?P<name>.*) cannot be used; declare .*",
        gettext_noop(
            "The declared crs %(name)s cannot be used: declare EPSG:4490, EPSG:4326 or a projected EPSG code."
        ),
    ),
    gettext_noop("The declared crs cannot be used: %(why)s"),
    # one field of one zone
    gettext_noop("must be Feature."),
    (r"(?:is|are) missing\.", gettext_noop("is missing.")),
    (r"must be a text of at most (?P<limit>\d+) characters\.", gettext_noop("must be at most %(limit)s characters.")),
    (
        r"must be a number of metres \(Yellow Sea 1985\) or null\.",
        gettext_noop("must be a number of metres (Yellow Sea 1985), or null."),
    ),
    gettext_noop("must be a list of names."),
    (r"must be an object or null\.", gettext_noop("must be an object, or null.")),
    gettext_noop("must be a text."),
    gettext_noop("must be a whole number."),
    gettext_noop("must be a number."),
    gettext_noop("is unknown; known are %(known)s."),
    gettext_noop("%(code)s is also the code of feature %(number)s."),
    (
        r"(?P<code>.*) is a zone of this site already\.",
        gettext_noop("%(code)s is a zone of this site already: give it another code."),
    ),
    gettext_noop("%(kind)s is not one of %(known)s."),
    gettext_noop("there is no zone %(code)s in the file or on the site."),
    gettext_noop("the zones %(codes)s hold each other."),
    (
        r"(?P<name>.*) is not a storey of this site\.",
        gettext_noop("%(name)s is not a storey of this site: import the model first, or leave storeys empty."),
    ),
    gettext_noop("%(name)s is in several buildings; write building/storey."),
    (
        rf"The bottom \((?P<bottom>{_NUMBER}) m\) is not below the top \((?P<top>{_NUMBER}) m\)\.",
        gettext_noop("the bottom (%(bottom)s m) is not below the top (%(top)s m)."),
    ),
    gettext_noop("%(rule)s is not an alarm rule of the current edition."),
    gettext_noop("At least one fix must decide an entry and an exit."),
    gettext_noop("The probability to leave must be below the one to enter, both within 0 to 1."),
    # outlines and places
    gettext_noop("The outline is empty."),
    gettext_noop("The outline must be a polygon, not a %(kind)s."),
    (r"The outline is not a valid polygon: (?P<why>.*)\.", gettext_noop("The outline crosses itself: %(why)s.")),
    gettext_noop("The outline has no area."),
    gettext_noop("The outline has a coordinate that is not a number."),
    gettext_noop("The outline has more than %(limit)s vertices."),
    gettext_noop("lies outside China; are longitude and latitude swapped?"),
    (
        r"(?:The picture )?lies (?P<km>[\d.]+) km from the site; check the coordinate system .*",
        gettext_noop("lies %(km)s km from the site: check the coordinate system (GCJ-02 and BD-09 are never guessed)."),
    ),
    # pictures and control points
    gettext_noop("The file is not a picture (%(formats)s)."),
    gettext_noop("The picture cannot be read: %(why)s"),
    (
        r"(?P<width>\d+) x (?P<height>\d+) pixels are more than 64 million\.",
        gettext_noop("%(width)s × %(height)s pixels are more than 64 million: make the picture smaller."),
    ),
    gettext_noop("Control point %(number)s has a value that is not a number."),
    (
        r"The control points lie in one line; spread them over the picture\.",
        gettext_noop("The control points lie in one line: spread them over the picture."),
    ),
    gettext_noop(
        "The control points do not fit: RMS %(rms)s m, more than %(limit)s m. The worst is point %(worst)s "
        "with %(error)s m."
    ),
    (
        r"The picture would be mirrored; .*",
        gettext_noop("The picture would be mirrored: check the order of east and north, and of x and y."),
    ),
    (
        rf"A pixel would be (?P<wide>{_NUMBER}) m wide and (?P<high>{_NUMBER}) m high; a point is wrong\.",
        gettext_noop("A pixel would be %(wide)s m wide and %(high)s m high: a point is wrong."),
    ),
    (
        rf"The picture would be skewed by (?P<degrees>{_NUMBER}) degrees; a point is wrong\.",
        gettext_noop("The picture would be skewed by %(degrees)s degrees: a point is wrong."),
    ),
    # east and north
    (
        rf"East (?P<east>{_NUMBER}) and north (?P<north>{_NUMBER}) look swapped: .*",
        gettext_noop("East %(east)s and north %(north)s look swapped: on Chinese drawings X is north and Y is east."),
    ),
    (
        rf"East (?P<east>{_NUMBER}) carries a zone number, but EPSG:(?P<srid>\d+) has none; .*",
        gettext_noop(
            "East %(east)s carries a zone number, but the site's EPSG:%(srid)s has none: "
            "leave out its first two digits."
        ),
    ),
    gettext_noop("East %(east)s, north %(north)s is not in China in EPSG:%(srid)s."),
    gettext_noop("EPSG:%(srid)s is not known."),
)


def refusal_words(text: str) -> str:
    """Return an importer's refusal in the reader's language."""
    return _SENTENCES.tell(text)


def problem_of(text: str) -> Problem:
    """Return a problem of a file of zones, taken apart: `Feature 2, code: is missing.`"""
    found = _FEATURE.fullmatch(text)
    if found is None:
        return Problem(0, "", refusal_words(text))
    return Problem(int(found["number"]), found["field"] or "", refusal_words(found["reason"]))
