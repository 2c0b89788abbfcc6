"""Count the lifts of the runs that are open, from the load on the hook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from spatial.machines.loads import count_lift
from spatial.machines.models import OperationRecord
from spatial.machines.motion import LOAD, MachineNews
from spatial.machines.queries import open_operations
from spatial.machines.scene import SiteMachines
from spatial.observations.models import Datastream
from spatial.observations.queries import readings_between


def count_lifts(news: Iterable[MachineNews], scene: SiteMachines, *, newest: datetime | None) -> None:
    """This function will count lifts by new loads; with `newest`, because some came late, from the beginning of the
    run to that moment."""
    loads = sorted((item.at, item.machine_id, item.values[LOAD]) for item in news if LOAD in item.values)
    runs = open_operations({machine_id for _, machine_id, _ in loads}) if loads else {}
    for machine_id, run in runs.items():
        own = [(at, load_t) for at, key, load_t in loads if key == machine_id and at >= run.started_at]
        if not own:
            continue
        before = (run.loaded, run.lifts, run.peak_load_t)
        if newest is not None:
            run.loaded, run.lifts, run.peak_load_t = False, 0, None
            own = sorted({*own, *_measured(scene, machine_id, run.started_at, newest)})
        _count(run, own, scene.limits.loaded_above_t)
        if (run.loaded, run.lifts, run.peak_load_t) != before:
            run.save(update_fields=["loaded", "lifts", "peak_load_t"])


def _count(run: OperationRecord, loads: Iterable[tuple[datetime, float]], above_t: float) -> None:
    for _, load_t in loads:
        run.loaded, began = count_lift(run.loaded, load_t, above_t=above_t)
        run.lifts += began
        if run.loaded:
            run.peak_load_t = max(run.peak_load_t or 0.0, load_t)


def _measured(scene: SiteMachines, machine_id: UUID, since: datetime, until: datetime) -> list[tuple[datetime, float]]:
    """Return the loads that were stored since a run began."""
    streams = Datastream.objects.filter(
        device_id__in=scene.devices_of(machine_id), quantity=LOAD, channel=""
    ).values_list("pk", flat=True)
    found = readings_between(list(streams), since, until)
    return [reading for rows in found.values() for reading in rows]
