"""Whether the model's place can be used. Pure."""

from __future__ import annotations

from ..facts import ModelFacts
from ..grades import Count, not_judged
from ..values import Values

ROUGH_LEVEL = 20


def placed(facts: ModelFacts, values: Values) -> Count:
    """Count the model as failed where it stands nowhere on the map."""
    return Count(1, int(not facts.place.placed))


def precise(facts: ModelFacts, values: Values) -> Count:
    """Count the model as failed where it stands by latitude and longitude alone."""
    if not facts.place.placed:
        return not_judged("unplaced")
    return Count(1, int((facts.place.level or 0) <= ROUGH_LEVEL))


def inside_site(facts: ModelFacts, values: Values) -> Count:
    """Count the elements that lie wholly outside the site's boundary."""
    place = facts.place
    if place.outside is None:
        return not_judged("unplaced" if not place.placed else "no_boundary")
    return Count(place.outlined, len(place.outside), place.outside)


def agreeing(facts: ModelFacts, values: Values) -> Count:
    """Count the file's other carriers of a place that contradict the one in use."""
    if not facts.place.placed:
        return not_judged("unplaced")
    apart = [
        distance
        for level, distance in facts.place.others
        if distance > (values.agree_rough_m if level <= ROUGH_LEVEL else values.agree_m)
    ]
    figures = {"largest_m": round(max(apart), 1)} if apart else {}
    return Count(len(facts.place.others), len(apart), figures=figures)


def on_ground(facts: ModelFacts, values: Values) -> Count:
    """Count the model as failed where no storey is near the site's ground."""
    gap = facts.place.ground_gap_m
    if gap is None:
        return not_judged("unplaced" if not facts.place.placed else "no_ground")
    return Count(1, int(gap > values.ground_gap_m), figures={"gap_m": round(gap, 2)})
