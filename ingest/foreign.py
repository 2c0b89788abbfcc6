"""Decoders that need the registry: which datastream is of what, and which mapping reads a device."""

from __future__ import annotations

import time
from functools import lru_cache
from uuid import UUID

from ingest.columns import ColumnMessage, in_columns
from ingest.decoders.mapped import decode_mapped
from ingest.decoders.mapping_form import Form, read_mapping
from ingest.decoders.sensorthings import Bound, decode_sensorthings
from ingest.directory import HELD_S, KnownDevice
from ingest.messages import FieldInvalid
from spatial.devices.models import MappingVersion, StreamBinding
from spatial.places.models import Site

_MAX_HELD = 10_000
_streams: dict[UUID, tuple[float, dict[str, Bound], float]] = {}


def read_mapped(payload: bytes, sender: KnownDevice) -> ColumnMessage:
    """This function will read a payload by the version of a mapping that was chosen for its sender."""
    if sender.mapping_id is None:
        raise FieldInvalid("mapping", f"none is chosen for {sender.code}; choose one on its page")
    return in_columns(decode_mapped(payload, sender_code=sender.code, form=_form(sender.mapping_id)))


def read_sensorthings(payload: bytes, sender: KnownDevice) -> ColumnMessage:
    """This function will read observations of the datastreams that are bound for their sender."""
    streams, ground_height_m = _bound(sender)
    return in_columns(
        decode_sensorthings(
            payload, sender_code=sender.code, streams=streams, datum=sender.datum, ground_height_m=ground_height_m
        )
    )


@lru_cache(maxsize=1000)
def _form(version_id: UUID) -> Form:
    """Return a version of a mapping; it never changes, so it is read once."""
    return read_mapping(MappingVersion.objects.get(pk=version_id).body)


def _bound(sender: KnownDevice) -> tuple[dict[str, Bound], float]:
    """Return the datastreams of a sender and the ground of its site, asked of the database every two seconds."""
    now = time.monotonic()
    held = _streams.get(sender.pk)
    if held is not None and now - held[0] < HELD_S:
        return held[1], held[2]
    rows = StreamBinding.objects.filter(sender=sender.pk, device__active=True).values_list(
        "stream_id", "device__code", "quantity", "channel", "scale"
    )
    found = {stream: Bound(code, quantity, channel, scale) for stream, code, quantity, channel, scale in rows}
    ground_height_m = Site.objects.values_list("ground_height_m", flat=True).get(pk=sender.site_id)
    if len(_streams) > _MAX_HELD:
        _streams.clear()
    _streams[sender.pk] = (now, found, ground_height_m)
    return found, ground_height_m
