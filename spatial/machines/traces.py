"""What machines and people said near moving zones, kept for a day, so that late news can be judged in its place.

One row per batch holds its news exactly as it was judged, and the states of all machines after it. A process remembers
decoded news by the row's number, which is never given twice: the news of a row never changes. Where people were last
it remembers as of one row: when that is not the newest of the site (another worker, a batch that was rolled back), it
is read anew.
"""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.geometry import MachineState
from spatial.machines.late_news import JUDGED_FOR, Items, Known
from spatial.machines.models import MachineTrace
from spatial.machines.motion import MachineNews
from spatial.machines.queries import motion_json, place_of, pose_of
from spatial.machines.scene import SiteMachines
from spatial.machines.watches import forget_changes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DECODED = 2000


def newest_time(site: Any) -> datetime | None:
    """Return the time of the newest news that was judged of a site."""
    return MachineTrace.objects.filter(site=site).order_by("-last_at").values_list("last_at", flat=True).first()


def keep(site: Any, items: Items, states: dict[UUID, MachineState], values: dict[UUID, dict[str, float]],
         newest: datetime) -> int:  # fmt: skip
    """Keep the news of a batch, and the states that machines have after it; return the number of the row."""
    times = items.times()
    row = MachineTrace.objects.create(
        site=site, first_at=min(times), last_at=max(times), body=_encoded(items), after_at=newest,
        after=[_state_json(key, state, values.get(key, {})) for key, state in states.items()],
    )  # fmt: skip
    return int(row.pk)


def kept_between(site: Any, first: datetime, last: datetime | None = None) -> Items:
    """Return the news of a site after `first`, and not after `last`."""
    rows = MachineTrace.objects.filter(site=site, last_at__gt=first)
    if last is not None:
        rows = rows.filter(first_at__lte=last)
    numbers = list(rows.order_by("pk").values_list("pk", flat=True))
    bodies = _decoded(site.pk, numbers)
    found = Items([i for body in bodies for i in body.news], [i for body in bodies for i in body.places])
    return found.where(first, last)


def known_before(site: Any, scene: SiteMachines, at: datetime) -> Known:
    """Return what was known of the machines of a site just before a moment, at the last point that was kept."""
    row = MachineTrace.objects.filter(site=site, after_at__lt=at).order_by("-after_at", "-pk").first()
    machines: dict[UUID, Any] = {**scene.cranes, **scene.vehicles}
    states = {key: MachineState(machine, None) for key, machine in machines.items()}
    values: dict[UUID, dict[str, float]] = {}
    for held in row.after if row is not None else []:
        key = UUID(held["machine"])
        if key in machines:
            time = datetime.fromisoformat(held["at"]) if held["at"] else None
            states[key] = MachineState(machines[key], time, pose_of(held), place_of(held))
            values[key] = held["values"]
    return Known(row.after_at if row is not None else None, states, values)


@transaction.atomic
def forget_traces(*, before: datetime) -> int:
    """This function will delete the traces, and the past of memories, that no late news can ask for any more."""
    oldest = before - JUDGED_FOR
    return int(MachineTrace.objects.filter(last_at__lt=oldest).delete()[0] + forget_changes(before=oldest))


def forget_states(site: Any, since: datetime) -> None:
    """Let go of the states of machines that were known at a moment or later: late news changed them."""
    MachineTrace.objects.filter(site=site, after_at__gte=since).update(after_at=None, after=[])


_CROWDS: dict[UUID, tuple[int, Crowd]] = {}


def crowd_of(site: Any, scene: SiteMachines, until: datetime) -> Crowd:
    """Return where people were last, to be changed by the caller and given back with `remember_crowd`."""
    newest = MachineTrace.objects.filter(site=site).order_by("-pk").values_list("pk", flat=True).first()
    held = _CROWDS.pop(site.pk, None)
    if held is not None and held[0] == newest:
        return held[1]
    kept = kept_between(site, until - timedelta(seconds=scene.limits.fix_s + 1)).places
    return Crowd([place for place in kept if place.device_id not in scene.devices])


def remember_crowd(site: Any, number: int, crowd: Crowd) -> None:
    """Remember a crowd as that after a row; when the row is not committed the crowd is made anew."""
    _CROWDS[site.pk] = (number, crowd)


def _encoded(items: Items) -> bytes:
    body = {
        "news": [[str(item.machine_id), _us(item.at), dict(item.values)] for item in items.news],
        "places": [
            [str(item.device_id), _us(item.at), item.x, item.y, item.height_m, item.accuracy_m] for item in items.places
        ],
    }
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 1)


_DECODED: OrderedDict[tuple[UUID, int], Items] = OrderedDict()


def _decoded(site_id: UUID, numbers: Iterable[int]) -> list[Items]:
    wanted = list(numbers)
    missing = [number for number in wanted if (site_id, number) not in _DECODED]
    found = {number: _DECODED[(site_id, number)] for number in wanted if (site_id, number) in _DECODED}
    for number, body in MachineTrace.objects.filter(pk__in=missing).values_list("pk", "body"):
        found[number] = _DECODED[(site_id, number)] = _items_of(bytes(body))
    while len(_DECODED) > _MOST_DECODED:
        _DECODED.popitem(last=False)
    return [found[number] for number in wanted]


def _items_of(body: bytes) -> Items:
    told = json.loads(zlib.decompress(body))
    news = [MachineNews(UUID(machine), _moment(us), values) for machine, us, values in told["news"]]
    return Items(news, [PlaceNews(UUID(device), _moment(us), *numbers) for device, us, *numbers in told["places"]])


def _state_json(key: UUID, state: MachineState, values: dict[str, float]) -> dict[str, Any]:
    at = state.at.isoformat() if state.at else None
    return {"machine": str(key), "at": at, "values": values, **motion_json(state)}


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
