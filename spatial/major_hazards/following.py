"""Amounts that follow a sensor: a level or weight, times a factor, is the stock of now."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from spatial.observations.models import Datastream
from spatial.observations.operations import StoredReadings

from .models import UnitSubstance
from .operations import MAX_AMOUNT_T, UnitForbidden, UnitRefused, locked_unit, record_stock, record_unit_act
from .queries import gb18218, may_write
from .rules import followed_amount, is_worth_recording


@transaction.atomic
def follow_stream(
    *, substance: UnitSubstance, stream: Datastream | None, factor: str, actor: Any, now: datetime
) -> UnitSubstance:
    """This function will let an amount follow a measurement times a factor (tonnes per unit), or no longer (None).

    The newest value counts at once. Raises UnitForbidden, or UnitRefused that names the field.
    """
    locked_unit(substance.unit_id, substance.organisation_id)
    substance = UnitSubstance.objects.select_for_update(of=("self",)).select_related("unit__site").get(pk=substance.pk)
    if not may_write(actor, substance.unit.site):
        raise UnitForbidden("Only the safety roles of this site keep its units.")
    details: dict[str, Any] = {"substance": substance.name, "stream": None}
    if stream is not None:
        if stream.site_id != substance.site_id:
            raise UnitRefused("stream", gettext_noop("This measurement belongs to another site."))
        substance.factor = _factor(factor)
        details |= {"stream": str(stream.pk), "device": stream.device.code, "factor": str(substance.factor)}
    else:
        substance.factor = None
    substance.stream = stream
    substance.save(update_fields=["stream", "factor"])
    record_unit_act(substance.unit, "follow_stock", details, actor=actor, now=now)
    latest = getattr(stream, "latest", None) if stream is not None else None
    if latest is not None and latest.value is not None:
        _follow(substance, latest.value, latest.time, now, anew=True)
    return substance


def follow_stock(*, stored: StoredReadings, now: datetime) -> None:
    """This function will let amounts follow the readings of a batch that was just stored; late ones change nothing."""
    if not stored.readings:
        return
    rows = UnitSubstance.objects.filter(stream__in=list(stored.readings), unit__closed_at__isnull=True)
    for substance in rows.select_related("unit", "stream__device").order_by("unit_id", "pk"):
        stream: Any = substance.stream
        at, value = max(stored.readings[stream.pk])
        _follow(substance, value, at, now)


def _follow(substance: UnitSubstance, value: float, at: datetime, now: datetime, *, anew: bool = False) -> None:
    if substance.factor is None or at > now or (substance.amount_at is not None and at <= substance.amount_at):
        return
    amount = min(followed_amount(value, substance.factor), MAX_AMOUNT_T - 1)
    rule = gb18218()["following"]
    worth = is_worth_recording(
        held_t=substance.amount_t,
        amount_t=amount,
        critical_t=substance.critical_t,
        since=at - substance.amount_at if substance.amount_at else None,
        least_share=Decimal(rule["least_share"]),
        at_least_every=timedelta(minutes=rule["at_least_every_min"]),
    )
    if worth or anew:
        stream: Any = substance.stream
        record_stock(substance=substance, amount_t=str(amount), at=at, now=now, device=stream.device)


def _factor(text: str) -> Decimal:
    try:
        factor = Decimal(str(text).strip())
    except InvalidOperation as error:
        raise UnitRefused(
            "factor", gettext_noop("%(value)s is not a factor in tonnes per unit."), value=text
        ) from error
    fits = factor.is_finite() and 0 < factor < 1_000_000 and factor == factor.quantize(Decimal("0.000001"))
    if not fits:
        sentence = gettext_noop("The factor is above 0 and below 1,000,000 t per unit, with six decimals at most.")
        raise UnitRefused("factor", sentence)
    return factor
