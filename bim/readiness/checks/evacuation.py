"""Whether spaces and doors make a way out. Pure."""

from __future__ import annotations

from typing import Any

import shapely

from ..facts import DOORS, FLOORS, STAIRS, ElementFacts, ModelFacts, StoreyFacts
from ..grades import Count, not_judged
from ..values import Values


def spaces_closed(facts: ModelFacts, values: Values) -> Count:
    """Count the spaces without a shape, or with one that encloses nothing."""
    spaces = facts.spaces
    failed = []
    for space in spaces:
        shape = (facts.shapes or {}).get(space.index)
        is_open = shape is not None and not shape.closed
        if space.box is None or not space.volume_m3 or space.volume_m3 <= 0 or is_open:
            failed.append(space.index)
    return Count(len(spaces), len(failed), tuple(failed))


def spaces_cover(facts: ModelFacts, values: Values) -> Count:
    """Count the storeys with spaces or doors whose spaces leave too much of the floor uncovered."""
    if facts.shapes is None:
        return not_judged("not_read")
    doors = facts.of(DOORS)
    looked_at, bare, least = 0, 0, 1.0
    for storey in facts.storeys:
        spaces = [space for space in facts.spaces if space.storey_index == storey.index]
        if not spaces and not any(door.storey_index == storey.index for door in doors):
            continue
        looked_at += 1
        share = _share(facts, storey, spaces, values)
        least = min(least, share)
        bare += share < values.space_cover
    return Count(looked_at, bare, figures={"least_percent": round(least * 100)} if bare else {})


def _share(facts: ModelFacts, storey: StoreyFacts, spaces: list[ElementFacts], values: Values) -> float:
    covered = shapely.union_all([plan for space in spaces if (plan := facts.outline_of(space)) is not None])
    floor = floor_of(facts, storey, values)
    return float(covered.intersection(floor).area / floor.area) if floor.area else 0.0


def floor_of(facts: ModelFacts, storey: StoreyFacts, values: Values) -> Any:
    """Return a storey's floor in plan: its slabs; where it has none, the hull of all that stands on it."""
    slabs = [
        plan for slab in facts.of(FLOORS)
        if slab.box is not None and abs(slab.box[5] - storey.elevation_m) <= values.floor_level_m
        and slab.plan.area >= values.floor_least_m2 and (plan := facts.outline_of(slab)) is not None
    ]  # fmt: skip
    if slabs:
        return shapely.union_all(slabs)
    here = [e.plan for e in facts.elements if e.storey_index == storey.index and e.plan is not None]
    return shapely.union_all(here).convex_hull


def doors_join(facts: ModelFacts, values: Values) -> Count:
    """Count the doors that touch no space, or only one although they say that they are inside.

    An external door of no storey is a gate of the site; it is left out.
    """
    outlines = [(space, facts.outline_of(space)) for space in facts.spaces if space.box is not None]
    tree = shapely.STRtree([outline for _, outline in outlines])
    doors = [door for door in facts.of(DOORS) if door.storey_index is not None or not door.is_external]
    failed = []
    for door in doors:
        beside = 0
        if door.box is not None:
            for index in tree.query(door.plan, predicate="dwithin", distance=values.door_reach_m):
                space = outlines[index][0].box
                assert space is not None
                beside += space[2] < door.box[5] - values.door_reach_m and space[5] > door.box[2] + values.door_reach_m
        if beside == 0 or (beside == 1 and door.is_external is False):
            failed.append(door.index)
    return Count(len(doors), len(failed), tuple(failed))


def storeys_joined(facts: ModelFacts, values: Values) -> Count:
    """Count the storeys with spaces, above the lowest of these, that no stair or ramp leads up to."""
    used = {space.storey_index for space in facts.spaces if space.box is not None}
    levels = sorted({storey.elevation_m for storey in facts.storeys if storey.index in used})
    boxes = [stair.box for stair in facts.of(STAIRS) if stair.box is not None]
    cut_off = [
        level for level in levels[1:]
        if not any(box[2] <= level - values.stair_rise_m and box[5] >= level - values.stair_reach_m for box in boxes)
    ]  # fmt: skip
    figures = {"levels_m": [round(level, 2) for level in cut_off]}
    return Count(max(0, len(levels) - 1), len(cut_off), figures=figures if cut_off else {})
