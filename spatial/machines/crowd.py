"""Where the people of a site were last, as columns: a machine is held against all of them in one sweep. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np


@dataclass(frozen=True, slots=True)
class PlaceNews:
    """Where a device was at one moment, on the site's plan; of a person, or of the machine that it is attached to."""

    device_id: UUID
    at: datetime
    x: float
    y: float
    height_m: float
    accuracy_m: float = 0.0


class Crowd:
    """The newest place of each device, by event time; older news never overwrites it."""

    def __init__(self, places: Iterable[PlaceNews] = ()) -> None:
        self.devices: list[UUID] = []
        self._row: dict[UUID, int] = {}
        self._columns = np.empty((4, 64))
        for place in places:
            self.take(place)

    def __len__(self) -> int:
        return len(self.devices)

    def take(self, place: PlaceNews) -> bool:
        """Take a place; False for one that is not newer than what is known."""
        at_s = place.at.timestamp()
        row = self._row.get(place.device_id)
        if row is None:
            row = self._row[place.device_id] = len(self.devices)
            self.devices.append(place.device_id)
            if row == self._columns.shape[1]:
                self._columns = np.concatenate([self._columns, np.empty_like(self._columns)], axis=1)
        elif at_s <= self._columns[0, row]:
            return False
        self._columns[:, row] = at_s, place.x, place.y, place.height_m
        return True

    def place_of(self, device_id: UUID) -> PlaceNews | None:
        """Return where a device was last."""
        row = self._row.get(device_id)
        if row is None:
            return None
        at_s, x, y, height_m = self._columns[:, row].tolist()
        return PlaceNews(device_id, datetime.fromtimestamp(at_s, UTC), x, y, height_m)

    def fresh(self, at_s: float, within_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return row numbers, x, y and height of those whose place is no older than `within_s`, and not of later."""
        columns = self._columns[:, : len(self.devices)]
        age = at_s - columns[0]
        rows = np.flatnonzero((age >= 0.0) & (age <= within_s))
        return rows, columns[1, rows], columns[2, rows], columns[3, rows]
