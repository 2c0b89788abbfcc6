"""Register the machines of a sheet: all of them, or none and every fault by row and column."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.devices.models import Device
from spatial.machines.loads import ChartRefused
from spatial.machines.models import Machine
from spatial.machines.operations import MachineForbidden, MachineRefused, check_role, file_document, register_machine
from spatial.machines.sheets import Fault, MachineRow, read_sheet
from spatial.places.operations import PlaceRefused


class ImportFaulty(MachineRefused):
    """A sheet has faults; nothing of it was stored."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def import_machines(*, site: Any, content: bytes, actor: Any | None, now: datetime) -> list[Machine]:
    """This function will register every machine of an Excel sheet with its papers and devices.

    Raises ImportFaulty with all faults by row and column (nothing is stored), SheetRefused, MachineForbidden.
    """
    check_role(actor, site)
    rows, faults = read_sheet(content)
    if faults:
        raise ImportFaulty(faults)
    with transaction.atomic():
        machines = []
        for row in rows:
            try:
                with transaction.atomic():
                    machines.append(_register(site, row, actor, now))
            except MachineForbidden:
                raise
            except (MachineRefused, ChartRefused, PlaceRefused) as refused:
                faults.append(Fault(row.row, "编号", str(refused)))
        if faults:
            raise ImportFaulty(faults)
    return machines


def _register(site: Any, row: MachineRow, actor: Any | None, now: datetime) -> Machine:
    devices = list(Device.objects.filter(code__in=row.devices, site=site))
    if unknown := set(row.devices) - {device.code for device in devices}:
        raise MachineRefused(f"There is no device {sorted(unknown)[0]} on this site; register it first.")
    place = None
    if row.place is not None:
        lon, lat, height_m = row.place
        place = (lon, lat, site.ground_height_m if height_m is None else height_m)
    machine = register_machine(
        site=site,
        code=row.code,
        name=row.name,
        kind=row.kind,
        place=place,
        crane=row.crane,
        vehicle=row.vehicle,
        devices=devices,
        actor=actor,
        now=now,
        **row.facts,
    )
    for kind, facts in row.papers.items():
        file_document(machine=machine, kind=kind, actor=actor, now=now, **facts)
    return machine
