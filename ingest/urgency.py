"""Which messages must not wait: those of a device at a danger zone, and those with a fix within reach of one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import shapely

from ingest.arrivals import Received
from ingest.batches import Batch
from spatial.fences.probability import CERTAIN_AFTER_SIGMAS, R95_PER_SIGMA
from spatial.fences.queries import SiteFences, compiled_fences, devices_at_fences
from spatial.fences.zone_index import RECEDED_BEYOND_M


class Urgency:
    """Remembers who is at a fence, and trees over the outlines of each site's danger zones."""

    def __init__(self) -> None:
        self._at_fences: set[UUID] = set()
        self._trees: dict[UUID, tuple[int, shapely.STRtree, float]] = {}

    def learn(self) -> None:
        """This function will ask the database who is at a fence."""
        self._at_fences = devices_at_fences()

    def note(self, batch: Batch) -> None:
        """This function will learn from what was decided who is at a fence now."""
        for device_id, decision in batch.decisions.items():
            near = any(not zone.idle for zone in decision.state.zones.values())
            (self._at_fences.add if near else self._at_fences.discard)(device_id)

    def of(self, received: Sequence[Received]) -> list[bool]:
        """This function will tell of each message whether it must not wait."""
        urgent = [any(device.pk in self._at_fences for device in item.devices if device) for item in received]
        by_site: dict[UUID, list[int]] = {}
        for number, item in enumerate(received):
            if not urgent[number]:
                by_site.setdefault(item.site.pk, []).append(number)
        for numbers in by_site.values():
            items = [received[number] for number in numbers]
            for number, near in zip(numbers, self._near(items), strict=True):
                urgent[number] = near
        return urgent

    def _near(self, items: Sequence[Received]) -> list[bool]:
        fences = compiled_fences(items[0].site.row)
        tree, approach_m = self._tree(items[0].site.pk, fences)
        if not len(tree.geometries):
            return [False] * len(items)
        rows = np.concatenate([item.placed for item in items])
        reach = approach_m + rows["accuracy_m"] * (CERTAIN_AFTER_SIGMAS / R95_PER_SIGMA)
        east, north = rows["east_m"], rows["north_m"]
        boxes = shapely.box(east - reach, north - reach, east + reach, north + reach)
        found = tree.query(boxes)
        near = np.zeros(len(rows), dtype=bool)
        near[found[0]] = True
        ends = np.cumsum([len(item.placed) for item in items])
        return [bool(part.any()) for part in np.split(near, ends[:-1])]

    def _tree(self, site_id: UUID, fences: SiteFences) -> tuple[shapely.STRtree, float]:
        held = self._trees.get(site_id)
        if held is None or held[0] != fences.version:
            zones = fences.index.zones
            ahead = [zone.approach_m + RECEDED_BEYOND_M for zone in zones if zone.approach_m is not None]
            tree = shapely.STRtree([zone.outline for zone in zones])
            held = self._trees[site_id] = (fences.version, tree, max(ahead, default=0.0))
        return held[1], held[2]
