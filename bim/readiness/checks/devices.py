"""Whether devices of the model can be joined with devices that send. Pure."""

from __future__ import annotations

from typing import Any

import shapely

from ..facts import DEVICES, Box, ElementFacts, ModelFacts
from ..grades import Count
from ..values import Values


def in_storey(facts: ModelFacts, values: Values) -> Count:
    """Count the devices that belong to no storey."""
    devices = facts.of(DEVICES)
    failed = tuple(device.index for device in devices if device.storey_index is None)
    return Count(len(devices), len(failed), failed)


def in_space(facts: ModelFacts, values: Values) -> Count:
    """Count the devices that stand in no space."""
    rooms = [(space.box, facts.outline_of(space)) for space in facts.spaces if space.box is not None]
    tree = shapely.STRtree([outline for _, outline in rooms])
    devices = facts.of(DEVICES)
    failed = []
    for device in devices:
        at = centre_of(device)
        if at is None or not _inside(at, rooms, tree, values.device_reach_m):
            failed.append(device.index)
    return Count(len(devices), len(failed), tuple(failed))


def _inside(at: tuple[float, float, float], rooms: list[tuple[Box, Any]], tree: Any, reach_m: float) -> bool:
    near = tree.query(shapely.Point(at[:2]), predicate="dwithin", distance=reach_m)
    return any(rooms[index][0][2] - reach_m <= at[2] <= rooms[index][0][5] + reach_m for index in near)


def centre_of(element: ElementFacts) -> tuple[float, float, float] | None:
    """Return the middle of an element's box, else where it is placed, else None."""
    if element.box is None:
        return element.position
    x, y, z, x2, y2, z2 = element.box
    return (x + x2) / 2, (y + y2) / 2, (z + z2) / 2
