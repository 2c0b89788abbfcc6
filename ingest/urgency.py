"""Which messages must not wait: those of a device at a danger zone, and those with a fix within reach of one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.arrivals import Received
from ingest.batches import Batch
from spatial.fences.compiled_index import REACH_M
from spatial.fences.probability import CERTAIN_AFTER_SIGMAS, R95_PER_SIGMA
from spatial.fences.queries import SiteFences, compiled_fences, devices_at_fences


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
        for number in np.unique(batch.columns.device[batch.chosen]).tolist():
            device_id = batch.columns.devices[number].pk
            state = batch.after.get(device_id)
            near = state is not None and any(not zone.idle for zone in state.zones.values())
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
        rows = np.concatenate([item.placed for item in items])
        near = np.zeros(len(rows), dtype=bool)
        if not fences.index.zones or not len(rows):
            return [False] * len(items)
        far = rows["accuracy_m"] * (CERTAIN_AFTER_SIGMAS / R95_PER_SIGMA)
        plain = (far <= REACH_M) & (rows["height_accuracy_m"] == 0.0) & ~np.isnan(rows["height_m"])
        exact = rows[plain]
        index = fences.compiled
        points, _, _ = index.distances(*(exact[name].copy() for name in ("east_m", "north_m", "height_m")))
        near[np.flatnonzero(plain)[points]] = True
        vague = np.flatnonzero(~plain)
        near[vague] = self._reached(items[0].site.pk, fences, rows[vague], far[vague])
        ends = np.cumsum([len(item.placed) for item in items])
        return [bool(part.any()) for part in np.split(near, ends[:-1])]

    def _reached(
        self, site_id: UUID, fences: SiteFences, rows: NDArray[np.void], far: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which fixes of large or uncertain error may reach a zone's outline, whatever their height."""
        reached = np.zeros(len(rows), dtype=bool)
        if len(rows):
            tree, approach_m = self._tree(site_id, fences)
            east, north, reach = rows["east_m"], rows["north_m"], far + approach_m
            reached[tree.query(shapely.box(east - reach, north - reach, east + reach, north + reach))[0]] = True
        return reached

    def _tree(self, site_id: UUID, fences: SiteFences) -> tuple[shapely.STRtree, float]:
        held = self._trees.get(site_id)
        if held is None or held[0] != fences.version:
            zones = fences.index.zones
            tree = shapely.STRtree([zone.outline for zone in zones])
            held = self._trees[site_id] = (fences.version, tree, max((zone.ahead_m for zone in zones), default=0.0))
        return held[1], held[2]
