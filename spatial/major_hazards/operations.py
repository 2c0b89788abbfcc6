"""Keep units and what they hold, judge and sign them, and raise alarm M-01 when the amounts of now come close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from spatial.alarms.models import Alarm
from spatial.alarms.operations import clear_alarm, raise_alarm
from spatial.alarms.titles import Words, titled
from spatial.ledger.operations import lock_ledgers, record_act
from spatial.zones.models import Zone

from .models import HazardUnit, Identification, StockRecord, UnitSubstance
from .queries import gb18218, held_by, judgement_by_design, judgement_now, may_write
from .rules import Judgement, Standing

RULE = "M-01"
LEVEL_OF = {Standing.NEAR: "yellow", Standing.SOURCE: "red"}
MAX_AMOUNT_T = Decimal("999999999")


class UnitRefused(ValueError):
    """A unit cannot be stored as given; nothing was changed. `field` says where, the message why."""

    def __init__(self, field: str, sentence: str, **words: Any) -> None:
        super().__init__(sentence % words)
        self.field, self.sentence, self.words = field, sentence, words


class UnitForbidden(PermissionError):
    """The actor does not keep the units of this site."""


@dataclass(frozen=True)
class SubstanceGiven:
    """A substance as entered: from the table by `code`, or with its own critical amount, factor and their source."""

    code: str
    name: str
    design_t: str
    critical_t: str = ""
    beta: str = ""
    source: str = ""


def tonnes(text: str, field: str) -> Decimal:
    """Return an amount in tonnes with at most three decimals. Raises UnitRefused."""
    try:
        amount = Decimal(str(text).strip())
    except InvalidOperation as error:
        raise UnitRefused(field, gettext_noop("%(value)s is not a number of tonnes."), value=text) from error
    if not amount.is_finite() or not 0 <= amount < MAX_AMOUNT_T:
        raise UnitRefused(
            field, gettext_noop("%(value)s t cannot be: from 0 to below %(limit)s t."), value=text, limit=MAX_AMOUNT_T
        )
    if amount != amount.quantize(Decimal("0.001")):
        raise UnitRefused(field, gettext_noop("%(value)s t is finer than a kilogram."), value=text)
    return amount


def _values_of(given: SubstanceGiven) -> dict[str, Any]:
    """Return name, Q, beta and source: of the table, or as given with a source."""
    row = next((row for row in gb18218()["substances"] if row["code"] == given.code), None)
    if given.code and row is None:
        raise UnitRefused(
            "substance",
            gettext_noop("%(value)s is not in the table; enter its own critical amount and factor."),
            value=given.code,
        )
    name = given.name.strip() or (row["zh"] if row else "")
    if not name:
        raise UnitRefused("substance", gettext_noop("A substance needs a name."))
    own = bool(given.critical_t or given.beta)
    if own and not given.source.strip():
        sentence = gettext_noop("Say where Q and β of %(name)s come from (standard and table, or safety data sheet).")
        raise UnitRefused("source", sentence, name=name)
    if row is None and not (given.critical_t and given.beta):
        raise UnitRefused("critical_t", gettext_noop("%(name)s needs a critical amount Q and a factor β."), name=name)
    critical = tonnes(given.critical_t or row["critical_t"], "critical_t")  # type: ignore[index]
    beta = tonnes(given.beta or row["beta"], "beta")  # type: ignore[index]
    if critical <= 0 or beta <= 0:
        raise UnitRefused("critical_t", gettext_noop("Q and β of %(name)s must be above zero."), name=name)
    if beta >= 1000 or beta != beta.quantize(Decimal("0.01")) or critical >= 1_000_000:
        raise UnitRefused(
            "beta", gettext_noop("β of %(name)s is below 1000 with two decimals, Q below 1,000,000 t."), name=name
        )
    source = given.source.strip() or f"GB 18218-2018 ({row['class']}, B)"  # type: ignore[index]
    return {
        "name": name[:80],
        "critical_t": critical,
        "beta": beta,
        "source": source[:200],
        "design_t": tonnes(given.design_t, "design_t"),
    }


def _check_unit(
    site: Any,
    code: str,
    name: str,
    kind: str,
    zone: Zone,
    exposed_people: int,
    responsible_name: str,
    unit: HazardUnit | None,
) -> None:
    for field, value in (("code", code), ("name", name), ("responsible_name", responsible_name)):
        if not value.strip():
            raise UnitRefused(field, gettext_noop("This must be filled in."))
    if kind not in HazardUnit.Kind.values:
        raise UnitRefused("kind", gettext_noop("%(value)s is neither a production nor a storage unit."), value=kind)
    if zone.site_id != site.pk:
        raise UnitRefused("zone", gettext_noop("The zone belongs to another site."))
    others = HazardUnit.objects.exclude(pk=unit.pk) if unit else HazardUnit.objects.all()
    if others.filter(zone=zone).exists():
        raise UnitRefused(
            "zone", gettext_noop("Another unit stands in this zone; units are divided by valves, dykes or stores.")
        )
    if others.filter(site=site, code=code.strip()).exists():
        raise UnitRefused("code", gettext_noop("The code %(value)s is taken on this site."), value=code)
    if not 0 <= exposed_people <= 10_000_000:
        raise UnitRefused("exposed_people", gettext_noop("The number of people is 0 or more."))


@transaction.atomic
def save_unit(
    *,
    site: Any,
    code: str,
    name: str,
    kind: str,
    zone: Zone,
    exposed_people: int,
    responsible_name: str,
    phone: str,
    substances: Iterable[SubstanceGiven],
    devices: Iterable[Any] = (),
    unit: HazardUnit | None = None,
    actor: Any,
    now: datetime,
) -> HazardUnit:
    """This function will add or revise a unit with its substances; amounts of substances that stay are kept.

    Raises UnitForbidden, or UnitRefused that names the field.
    """
    if not may_write(actor, site):
        raise UnitForbidden("Only the safety roles of this site keep its units.")
    _check_unit(site, code, name, kind, zone, exposed_people, responsible_name, unit)
    values = [_values_of(given) for given in substances]
    if not values:
        raise UnitRefused("substance", gettext_noop("A unit holds at least one substance."))
    if len({row["name"] for row in values}) != len(values):
        raise UnitRefused("substance", gettext_noop("A substance stands there twice; add its amounts together."))
    sensors = list(devices)
    if any(device.site_id != site.pk for device in sensors):
        raise UnitRefused("devices", gettext_noop("A device belongs to another site."))
    lock_ledgers([site.organisation_id])
    verb = "revise_hazard_unit" if unit else "add_hazard_unit"
    unit = unit or HazardUnit(organisation_id=site.organisation_id, site=site)
    unit.code, unit.name, unit.kind, unit.zone = code.strip()[:40], name.strip()[:120], kind, zone
    unit.exposed_people, unit.responsible_name, unit.phone = exposed_people, responsible_name.strip()[:60], phone[:20]
    unit.save()
    unit.devices.set(sensors)
    unit.substances.exclude(name__in=[row["name"] for row in values]).delete()
    for row in values:
        UnitSubstance.objects.update_or_create(
            unit=unit, name=row["name"], defaults={**row, "organisation_id": site.organisation_id, "site": site}
        )
    record_unit_act(
        unit, verb, {"code": unit.code, "substances": [row["name"] for row in values]}, actor=actor, now=now
    )
    return _stand(unit, at=now, now=now)


def locked_unit(unit_id: UUID, organisation_id: UUID) -> HazardUnit:
    """Return a unit that nobody else changes until the transaction ends: its chain is held before its row."""
    lock_ledgers([organisation_id])
    return HazardUnit.objects.select_for_update(of=("self",)).select_related("site", "zone").get(pk=unit_id)


@transaction.atomic
def record_stock(
    *,
    substance: UnitSubstance,
    amount_t: str,
    at: datetime,
    now: datetime,
    actor: Any | None = None,
    device: Any | None = None,
) -> StockRecord:
    """This function will write how much of a substance a unit holds, entered by `actor` or told by `device`.

    The newest amount by event time counts; an older one stands in the record only. The unit's standing follows, and
    with it alarm M-01: yellow from the pre-warning share on, red from S = 1. Raises UnitRefused, UnitForbidden.
    """
    unit = locked_unit(substance.unit_id, substance.organisation_id)
    if device is None and not may_write(actor, unit.site):
        raise UnitForbidden("Only the safety roles of this site keep its units.")
    if unit.closed_at:
        raise UnitRefused("amount_t", gettext_noop("This unit is closed."))
    if at > now:
        raise UnitRefused("at", gettext_noop("An amount is of now or of the past."))
    amount = tonnes(amount_t, "amount_t")
    record = StockRecord.objects.create(
        organisation_id=unit.organisation_id,
        site=unit.site,
        substance=substance,
        amount_t=amount,
        at=at,
        received_at=now,
        actor=actor,
        device=device,
    )
    substance = UnitSubstance.objects.select_for_update().get(pk=substance.pk)
    if substance.amount_at is None or substance.amount_at <= at:
        substance.amount_t, substance.amount_at = amount, at
        substance.save(update_fields=["amount_t", "amount_at"])
        _stand(unit, at=at, now=now)
    details = {"substance": substance.name, "amount_t": str(amount)} | ({"device": device.code} if device else {})
    record_unit_act(unit, "record_stock", details, actor=actor, now=now)
    return record


@transaction.atomic
def identify_unit(*, unit: HazardUnit, actor: Any, now: datetime) -> Identification:
    """This function will judge a unit at its largest amounts by design and sign it; the record keeps every number."""
    unit = locked_unit(unit.pk, unit.organisation_id)
    if not may_write(actor, unit.site):
        raise UnitForbidden("Only the safety roles of this site keep its units.")
    found = judgement_by_design(unit)
    rows = [
        {"name": row.name, "q_t": str(row.amount_t), "critical_t": str(row.critical_t), "beta": str(row.beta)}
        for row in held_by(unit, by_design=True)
    ]
    sources = dict(unit.substances.values_list("name", "source"))
    facts = {
        "substances": [{**row, "source": sources[row["name"]]} for row in rows],
        "exposed_people": unit.exposed_people,
        "standard": gb18218()["standard"],
    }
    record = Identification.objects.create(
        organisation_id=unit.organisation_id,
        site=unit.site,
        unit=unit,
        judged_at=now,
        judged_by=actor,
        facts=facts,
        s=float(found.s),
        alpha=float(found.alpha),
        r=None if found.r is None else float(found.r),
        level=found.level,
        standing=found.standing,
    )
    record_unit_act(
        unit,
        "identify_hazard_unit",
        {**facts, "s": record.s, "r": record.r, "level": record.level},
        actor=actor,
        now=now,
    )
    return record


@transaction.atomic
def close_unit(*, unit: HazardUnit, reason: str, actor: Any, now: datetime) -> HazardUnit:
    """This function will take a unit out of use; its alarm is cleared, its records stay. Raises UnitRefused."""
    unit = locked_unit(unit.pk, unit.organisation_id)
    if not may_write(actor, unit.site):
        raise UnitForbidden("Only the safety roles of this site keep its units.")
    if not reason.strip():
        raise UnitRefused("reason", gettext_noop("Say why the unit is closed."))
    if unit.closed_at is None:
        unit.closed_at = now
        unit.save(update_fields=["closed_at"])
        for alarm in _alarms(unit):
            clear_alarm(alarm=alarm, cleared_at=now, received_at=now)
        record_unit_act(unit, "close_hazard_unit", {"reason": reason.strip()[:200]}, actor=actor, now=now)
    return unit


def _alarms(unit: HazardUnit) -> list[Alarm]:
    return list(Alarm.objects.filter(site_id=unit.site_id, zone=unit.zone, rule=RULE, cleared_at__isnull=True))


def _stand(unit: HazardUnit, *, at: datetime, now: datetime) -> HazardUnit:
    """Write where a unit stands by the amounts of now, and let its alarm follow."""
    unit._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    found = judgement_now(unit)
    unit.standing, unit.level = found.standing, found.level
    unit.save(update_fields=["standing", "level"])
    wanted = LEVEL_OF.get(found.standing)
    active = _alarms(unit)
    for alarm in active:
        if alarm.level != wanted:
            clear_alarm(alarm=alarm, cleared_at=at, received_at=now)
    if wanted and not any(alarm.level == wanted for alarm in active):
        _raise(unit, found, wanted, at=at, now=now)
    return unit


def _raise(unit: HazardUnit, found: Judgement, level: str, *, at: datetime, now: datetime) -> None:
    source = Words("重大危险源", "Major hazard installation")
    what = source if found.standing is Standing.SOURCE else Words(f"{source.zh}预警", f"{source.en}, early warning")
    raise_alarm(
        site=unit.site,
        rule=RULE,
        level=level,
        title=titled(what, Words.same(f"{unit.name} Σq/Q = {float(found.s):.2f}")),
        zone=unit.zone,
        device=None,
        person_name="",
        storey=None,
        location=None,
        raised_at=at,
        received_at=now,
    )


def record_unit_act(unit: HazardUnit, verb: str, details: Mapping[str, Any], *, actor: Any, now: datetime) -> None:
    """This function will write an act on a unit into the ledger."""
    record_act(
        organisation=unit.site.organisation,
        site=unit.site,
        actor=actor,
        verb=verb,
        subject_kind="hazard_unit",
        subject_id=unit.pk,
        details=dict(details),
        occurred_at=now,
        received_at=now,
        location=unit.zone.outline.centroid,
    )
