"""Which devices and sites there are, remembered for two seconds, so that a batch costs one query and not hundreds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple
from uuid import UUID

from ingest.placing import KnownSite
from spatial.devices.models import Device
from spatial.places.models import Site
from spatial.tracks.grids import barometer_zeros, grids_of

HELD_S = 2.0
MOST_HELD = 300_000
_FIELDS = ("pk", "code", "site_id", "organisation_id", "kind", "person_id", "report_interval_s",
           "protocol", "datum", "mapping_id")  # fmt: skip


class KnownDevice(NamedTuple):
    """What the way of a message needs to know of a device in use."""

    pk: UUID
    code: str
    site_id: UUID
    organisation_id: UUID
    kind: str
    person_id: UUID | None
    report_interval_s: int
    protocol: str = Device.Protocol.TWINWALL
    datum: str = Device.Datum.WGS84
    mapping_id: UUID | None = None


class Directory:
    """Devices by code and sites by id, each asked of the database at most every two seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._devices: dict[str, tuple[float, KnownDevice | None]] = {}
        self._sites: dict[UUID, tuple[float, KnownSite]] = {}

    def devices(self, codes: Collection[str]) -> dict[str, KnownDevice]:
        """This function will return the devices in use with these codes."""
        now = self._clock()
        wanted = set(codes)
        asked = [code for code in wanted if (held := self._devices.get(code)) is None or now - held[0] >= HELD_S]
        if asked:
            rows = Device.objects.filter(code__in=asked, active=True).values_list(*_FIELDS)
            found = {row[1]: KnownDevice(*row) for row in rows.iterator(chunk_size=10_000)}
            for code in asked:
                self._devices[code] = (now, found.get(code))
            self._forget(now)
        return {code: held[1] for code in wanted if (held := self._devices.get(code)) and held[1]}

    def sites(self, site_ids: Collection[UUID]) -> dict[UUID, KnownSite]:
        """This function will return these sites."""
        now = self._clock()
        wanted = set(site_ids)
        asked = [pk for pk in wanted if (held := self._sites.get(pk)) is None or now - held[0] >= HELD_S]
        if asked:
            grids, zeros = grids_of(asked), barometer_zeros(asked)
            for row in Site.objects.filter(pk__in=asked).select_related("organisation", "region"):
                pk = row.pk
                site = KnownSite(pk, row.code, row.projected_srid, row.geoid_offset_m, grids[pk], zeros.get(pk), row)
                self._sites[pk] = (now, site)
        return {pk: self._sites[pk][1] for pk in wanted}

    def _forget(self, now: float) -> None:
        """Drop what was not asked for a while, unknown codes first of all: nobody may fill our memory."""
        if len(self._devices) > MOST_HELD:
            self._devices = {code: held for code, held in self._devices.items() if now - held[0] < HELD_S and held[1]}
