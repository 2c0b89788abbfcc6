"""Keep the ledger of machines: register, papers, measures, devices, records of operation, checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from spatial.ledger.operations import record_act
from spatial.machines.loads import read_chart
from spatial.machines.models import (
    CraneGeometry,
    Machine,
    MachineCheck,
    MachineDevice,
    MachineDocument,
    OperationRecord,
    VehicleGeometry,
)
from spatial.machines.papers import follow_machine_papers
from spatial.machines.queries import may_keep, may_record
from spatial.notices.operations import append_event
from spatial.people.models import Certificate
from spatial.places.operations import place_anchor

CERTIFICATE_OF = {"tower_crane": "tower_crane_driver", "hoist": "hoist_driver"}
CRANE_FIELDS = frozenset(f.name for f in CraneGeometry._meta.fields) - {"machine", "load_chart"}
VEHICLE_FIELDS = frozenset(f.name for f in VehicleGeometry._meta.fields) - {"machine"}


class MachineRefused(ValueError):
    """A machine or a record of it cannot be stored as given; the message says which value and what to do."""


class MachineForbidden(MachineRefused):
    """The actor has no role on the site that may do this."""


def check_role(actor: Any | None, site: Any, may: Callable[[Any, Any], bool] = may_keep) -> None:
    """Refuse an actor who may not do this on the site; None is the system. Raises MachineForbidden."""
    if actor is not None and not may(actor, site):
        raise MachineForbidden("Machines are kept by the safety officer, the project manager or the company.")


@transaction.atomic
def register_machine(
    *,
    site: Any,
    code: str,
    name: str,
    kind: str,
    actor: Any | None,
    now: datetime,
    place: tuple[float, float, float] | None = None,
    crane: Mapping[str, Any] | None = None,
    vehicle: Mapping[str, Any] | None = None,
    devices: Iterable[Any] = (),
    **facts: str,
) -> Machine:
    """This function will register a machine with its measures, place (lon, lat, height) and devices.

    `facts` are maker, model, factory_number, registration_number, owner, lessor. Raises MachineRefused for a taken
    code, an unknown kind, measures that cannot be, a device of another site or machine; MachineForbidden.
    """
    check_role(actor, site)
    if not code.strip() or not name.strip():
        raise MachineRefused("A machine needs a code and a name.")
    if kind not in Machine.Kind.values:
        raise MachineRefused(f"{kind!r} is not a kind of machine: {', '.join(Machine.Kind.values)}.")
    if Machine.objects.filter(site=site, code=code).exists():
        raise MachineRefused(f"The code {code} is taken on this site.")
    if kind == Machine.Kind.TOWER_CRANE and (crane is None or place is None):
        raise MachineRefused("A tower crane needs its measures and the place of its base.")
    anchor = place_anchor(site=site, lon=place[0], lat=place[1], height_m=place[2]) if place else None
    machine = Machine.objects.create(
        organisation_id=site.organisation_id, site=site, code=code, name=name, kind=kind, anchor=anchor, **facts
    )
    if crane is not None:
        _set_crane(machine, crane)
    if vehicle is not None:
        _set_vehicle(machine, vehicle)
    for device in devices:
        _attach(machine, device)
    _record(machine, actor, now, "register_machine", {"code": code, "kind": kind})
    return machine


def _set_crane(machine: Machine, facts: Mapping[str, Any]) -> None:
    strangers = set(facts) - CRANE_FIELDS - {"load_chart"}
    if strangers:
        raise MachineRefused(f"{sorted(strangers)[0]} is not a measure of a tower crane.")
    _check_numbers(facts)
    missing = {"jib_m", "counter_jib_m", "jib_height_m", "top_height_m"} - set(facts)
    if missing:
        raise MachineRefused(f"A tower crane needs {sorted(missing)[0]}.")
    if facts["jib_m"] <= 0 or facts["jib_height_m"] <= 0 or facts["counter_jib_m"] < 0:
        raise MachineRefused("The lengths of a tower crane are above 0.")
    if facts["top_height_m"] < facts["jib_height_m"]:
        raise MachineRefused("The highest part of a tower crane is not below its jib.")
    chart = read_chart(facts.get("load_chart", ()))
    own = {name: value for name, value in facts.items() if name != "load_chart"}
    CraneGeometry.objects.update_or_create(
        machine=machine, defaults={**own, "load_chart": [list(row) for row in chart]}
    )


def _set_vehicle(machine: Machine, facts: Mapping[str, Any]) -> None:
    if strangers := set(facts) - VEHICLE_FIELDS:
        raise MachineRefused(f"{sorted(strangers)[0]} is not a measure of a vehicle.")
    _check_numbers(facts)
    if facts.get("length_m", 0) <= 0 or facts.get("width_m", 0) <= 0:
        raise MachineRefused("A vehicle needs a length and a width above 0 m.")
    VehicleGeometry.objects.update_or_create(machine=machine, defaults=dict(facts))


def _check_numbers(facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if isinstance(value, float | int) and not isinstance(value, bool) and not -1000 <= value <= 1000:
            raise MachineRefused(f"{name} is {value}: metres and degrees of a machine are within 1000.")


def _attach(machine: Machine, device: Any) -> None:
    if device.site_id != machine.site_id:
        raise MachineRefused(f"The device {device.code} belongs to another site.")
    held = MachineDevice.objects.filter(device=device).select_related("machine").first()
    if held is not None and held.machine_id != machine.pk:
        raise MachineRefused(f"The device {device.code} is attached to {held.machine.code}; take it off there first.")
    MachineDevice.objects.get_or_create(machine=machine, device=device)


@transaction.atomic
def attach_device(*, machine: Machine, device: Any, actor: Any | None, now: datetime) -> None:
    """This function will let a device tell of a machine. Raises MachineRefused for one of another site or machine."""
    check_role(actor, machine.site)
    _attach(machine, device)
    _record(machine, actor, now, "attach_device", {"device": device.code})


@transaction.atomic
def measure_crane(*, machine: Machine, actor: Any | None, now: datetime, **measures: Any) -> CraneGeometry:
    """This function will store the measures of a tower crane anew. Raises MachineRefused, ChartRefused."""
    check_role(actor, machine.site)
    if machine.kind != Machine.Kind.TOWER_CRANE:
        raise MachineRefused(f"{machine.code} is not a tower crane.")
    _set_crane(machine, measures)
    _record(machine, actor, now, "measure_crane", {name: measures[name] for name in sorted(measures)})
    return CraneGeometry.objects.get(machine=machine)


@transaction.atomic
def file_document(
    *,
    machine: Machine,
    kind: str,
    number: str = "",
    done_on: date | None = None,
    valid_until: date | None = None,
    actor: Any | None,
    now: datetime,
) -> MachineDocument:
    """This function will file a paper of a machine; one of each kind stands, a new one takes its place."""
    check_role(actor, machine.site)
    if kind not in MachineDocument.Kind.values:
        raise MachineRefused(f"{kind!r} is not a kind of document: {', '.join(MachineDocument.Kind.values)}.")
    if done_on and valid_until and valid_until < done_on:
        raise MachineRefused(f"The document ends ({valid_until}) before it begins ({done_on}).")
    facts = {"number": number, "done_on": done_on, "valid_until": valid_until}
    paper, _ = MachineDocument.objects.update_or_create(machine=machine, kind=kind, defaults=facts)
    details = {"kind": kind, "number": number, "valid_until": valid_until.isoformat() if valid_until else ""}
    _record(machine, actor, now, "file_machine_document", details)
    follow_machine_papers(site=machine.site, now=now)
    return paper


@transaction.atomic
def retire_machine(*, machine: Machine, actor: Any | None, now: datetime) -> None:
    """This function will take a machine out of use; its records stay."""
    check_role(actor, machine.site)
    machine.active = False
    machine.save(update_fields=["active"])
    _record(machine, actor, now, "retire_machine", {"code": machine.code})
    follow_machine_papers(site=machine.site, now=now)


@transaction.atomic
def begin_operation(
    *,
    machine: Machine,
    person: Any | None,
    verified_by: str = "",
    work: str = "",
    actor: Any | None,
    now: datetime,
) -> OperationRecord:
    """This function will begin a run of a machine; one that is open ends at the same moment.

    The operator is verified when a way of verifying is named (face, card, a colleague) and the person holds a valid
    certificate where the kind of machine needs one (TC-10). Raises MachineRefused for somebody of another site.
    """
    check_role(actor, machine.site, may_record)
    if person is not None and person.site_id != machine.site_id:
        raise MachineRefused(f"{person.full_name} belongs to another site.")
    verified = bool(person and verified_by.strip()) and may_operate(machine, person, now.date())
    OperationRecord.objects.filter(machine=machine, ended_at__isnull=True).update(ended_at=now)
    record = OperationRecord.objects.create(
        organisation_id=machine.organisation_id,
        site_id=machine.site_id,
        machine=machine,
        person=person,
        started_at=now,
        verified=verified,
        verified_by=verified_by.strip()[:60],
        work=work.strip()[:200],
    )
    details = {"person": str(person) if person else "", "verified": verified, "by": verified_by}
    _record(machine, actor, now, "begin_operation", details)
    return record


@transaction.atomic
def end_operation(*, record: OperationRecord, note: str = "", actor: Any | None, now: datetime) -> OperationRecord:
    """This function will end a run. Ending twice changes nothing."""
    check_role(actor, record.machine.site, may_record)
    if record.ended_at is not None:
        return record
    record.ended_at, record.note = max(now, record.started_at), note.strip()[:300]
    record.save(update_fields=["ended_at", "note"])
    _record(record.machine, actor, now, "end_operation", {"record": str(record.pk), "lifts": record.lifts})
    return record


def may_operate(machine: Machine, person: Any, day: date) -> bool:
    """Return whether a person holds a valid certificate for a machine; kinds that need none are open to all."""
    kind = CERTIFICATE_OF.get(machine.kind)
    if kind is None:
        return True
    held = Certificate.objects.filter(person=person, kind=kind, withdrawn_at__isnull=True)
    return held.filter(valid_from__lte=day, valid_until__gte=day).exists()


@transaction.atomic
def check_machine(
    *,
    machine: Machine,
    kind: str,
    items: int,
    findings: Sequence[str],
    done_by: str,
    note: str = "",
    actor: Any | None,
    now: datetime,
) -> MachineCheck:
    """This function will keep a check sheet or a maintenance. Raises MachineRefused without a name or any item."""
    check_role(actor, machine.site, may_record)
    if kind not in MachineCheck.Kind.values:
        raise MachineRefused(f"{kind!r} is not a kind of check: {', '.join(MachineCheck.Kind.values)}.")
    if not done_by.strip():
        raise MachineRefused("Say who did the check.")
    if items < 1 or len(findings) > items:
        raise MachineRefused("A check looks at one item at least, and finds no more than it looks at.")
    check = MachineCheck.objects.create(
        organisation_id=machine.organisation_id,
        site_id=machine.site_id,
        machine=machine,
        kind=kind,
        done_at=now,
        done_by=done_by.strip()[:60],
        items=items,
        findings=[text[:200] for text in findings],
        note=note.strip()[:300],
    )
    _record(machine, actor, now, "check_machine", {"kind": kind, "items": items, "findings": list(findings)})
    return check


def _record(machine: Machine, actor: Any | None, now: datetime, verb: str, details: dict[str, Any]) -> None:
    site_record(machine.site, actor, now, verb, "machine", machine.pk, details)


def site_record(
    site: Any, actor: Any | None, now: datetime, verb: str, kind: str, row_id: Any, details: dict[str, Any]
) -> None:
    """Write the act of a change to a site's machines, and tell open pages and the compiled scene of it."""
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb=verb,
        subject_kind=kind,
        subject_id=row_id,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    payload = {"row": str(row_id), "what": verb}
    append_event(site=site, kind="machine_changed", payload=payload, occurred_at=now)
