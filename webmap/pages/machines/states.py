"""Whether a machine reports, and what it says of itself; of machines without a shape too (hoists, pumps)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import get_language

from spatial.devices.rules import is_stale
from spatial.machines.models import Machine
from spatial.observations.models import LatestObservation
from spatial.observations.quantities import UNIT_SIGNS, all_quantities
from webmap.live.machines import MachineOut

from .words import pose_words

MOST = 4
"""So many values are told in a line."""


def state_of(machine: Machine, out: MachineOut | None, now: datetime) -> tuple[str, str]:
    """Return the state (live, silent, never, none) and what the machine says now, in a line."""
    if out is not None:
        return out.state, pose_words(out)
    devices = list(machine.devices.all())
    if not devices:
        return "none", ""
    rows = LatestObservation.objects.filter(datastream__device__in=devices, time__isnull=False, value__isnull=False)
    newest = list(rows.select_related("datastream__device").order_by("-time")[:MOST])
    if not newest:
        return "never", ""
    silent = is_stale(newest[0].time, newest[0].datastream.device.report_interval_s, now)
    return "silent" if silent else "live", ", ".join(_words(row) for row in newest)


def _words(row: LatestObservation) -> str:
    known = all_quantities().get(row.datastream.quantity)
    if known is None:
        return f"{row.datastream.quantity} {row.value:g}"
    unit = UNIT_SIGNS.get(known.unit, known.unit)
    return f"{known.name(get_language() or 'zh-hans')} {row.value or 0.0:.{known.places}f} {unit}".strip()
