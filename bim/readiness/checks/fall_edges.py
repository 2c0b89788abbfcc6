"""Whether fall edges and openings (临边洞口) can be found, and what guards them. Pure."""

from __future__ import annotations

from typing import Any

import shapely

from ..facts import FLOORS, RAILINGS, SLABS, STAIRS, ElementFacts, ModelFacts
from ..grades import Count, not_judged
from ..values import Values

THIN_M = 1.0
"""A floor whose box is higher than this is sloped or stepped: its box says nothing of its thickness."""


def searched(facts: ModelFacts, values: Values) -> Count:
    """Count the model as failed where its fall edges could not be searched."""
    return Count(1, int(not facts.edges_searched))


def floors_shaped(facts: ModelFacts, values: Values) -> Count:
    """Count the slabs without a shape."""
    slabs = facts.of(SLABS)
    bare = [slab.index for slab in slabs if slab.box is None]
    return Count(len(slabs), len(bare), tuple(bare))


def storey_floors(facts: ModelFacts, values: Values) -> Count:
    """Count the storeys that have no slab at their level."""
    tops = [
        slab.box[5]
        for slab in facts.of(FLOORS)
        if slab.box is not None and slab.plan.area >= values.floor_least_m2
    ]  # fmt: skip
    bare = [s for s in facts.storeys if not any(abs(top - s.elevation_m) <= values.floor_level_m for top in tops)]
    return Count(len(facts.storeys), len(bare), figures={"levels_m": [round(s.elevation_m, 2) for s in bare]})


def voids_cut(facts: ModelFacts, values: Values) -> Count:
    """Count the openings in level slabs that do not go through their slab."""
    if facts.voids is None:
        return not_judged("not_read")
    by_index = {element.index: element for element in facts.elements}
    looked_at, blind = 0, []
    for void in facts.voids:
        host = by_index.get(void.host)
        if host is None or host.box is None or host.box[5] - host.box[2] > THIN_M:
            continue
        looked_at += 1
        low, high = max(host.box[2], void.box[2]), min(host.box[5], void.box[5])
        through = high - low >= host.box[5] - host.box[2] - values.void_tolerance_m
        if not through or void.outline.intersection(host.plan).area < values.hole_least_m2:
            blind.append(void.opening)
    return Count(looked_at, len(blind), tuple(blind))


def holes_named(facts: ModelFacts, values: Values) -> Count:
    """Count the holes in slabs' outlines that are no opening element: nothing can be anchored on them."""
    if facts.shapes is None or facts.voids is None:
        return not_judged("not_read")
    count, failed, hosts = 0, 0, []
    for slab in facts.of(SLABS):
        shape = facts.shapes.get(slab.index)
        if shape is None:
            continue
        named = shapely.union_all([void.outline for void in facts.voids if void.host == slab.index])
        for hole in holes_of(shape.outline, values.hole_least_m2):
            count += 1
            if hole.intersection(named).area < 0.5 * hole.area:
                failed += 1
                hosts.append(slab.index)
    return Count(count, failed, tuple(dict.fromkeys(hosts)))


def holes_of(outline: Any, least_m2: float) -> list[Any]:
    """Return the holes of an outline as polygons."""
    rings = [ring for part in shapely.get_parts(outline) for ring in getattr(part, "interiors", ())]
    return [hole for ring in rings if (hole := shapely.Polygon(ring)).area >= least_m2]


def stair_holes(facts: ModelFacts, values: Values) -> Count:
    """Count the stairs and ramps that lead up to a floor which has no hole for them."""
    if facts.shapes is None:
        return not_judged("not_read")
    floors = [(slab.box, facts.shapes[slab.index].outline) for slab in facts.of(SLABS) if slab.index in facts.shapes]
    looked_at, blocked = 0, []
    for stair in facts.of(STAIRS):
        plan = facts.outline_of(stair)
        if stair.box is None or plan is None or plan.area == 0:
            continue
        above = [outline for box, outline in floors if box is not None and _leads_to(stair, box, values)]
        near = [outline for outline in above if outline.intersects(plan)]
        if not above:
            continue
        looked_at += 1
        covered = shapely.union_all(near).intersection(plan).area / plan.area if near else 0.0
        if covered > values.stair_covered:
            blocked.append(stair.index)
    return Count(looked_at, len(blocked), tuple(blocked))


def _leads_to(stair: ElementFacts, floor: tuple[float, ...], values: Values) -> bool:
    assert stair.box is not None
    return (
        stair.box[5] >= floor[5] - values.stair_reach_m
        and stair.box[2] <= floor[2] - values.stair_rise_m
        and floor[5] - floor[2] <= THIN_M
    )


def railings_high(facts: ModelFacts, values: Values) -> Count:
    """Count the railings along a floor's edge whose top is too low above that floor."""
    if facts.shapes is None:
        return not_judged("not_read")
    floors = [(slab.box, facts.shapes[slab.index].outline) for slab in facts.of(FLOORS) if slab.index in facts.shapes]
    looked_at, low, lowest = 0, [], None
    for railing in facts.of(RAILINGS):
        if railing.box is None:
            continue
        tops = [
            box[5] for box, outline in floors
            if box is not None and abs(railing.box[2] - box[5]) <= values.floor_level_m
            and outline.boundary.distance(railing.plan) <= values.railing_edge_m
        ]  # fmt: skip
        if not tops:
            continue
        looked_at += 1
        height = railing.box[5] - min(tops, key=lambda top: abs(railing.box[2] - top))  # type: ignore[index]
        if height < values.railing_height_m - 0.005:
            low.append(railing.index)
            lowest = height if lowest is None else min(lowest, height)
    figures = {"lowest_m": round(lowest, 2)} if lowest is not None else {}
    return Count(looked_at, len(low), tuple(low), figures)
