"""Order that helmets buzz, speak or show a text; send what is due; take receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from spatial.devices.models import Device
from spatial.ledger.operations import record_act
from spatial.people.models import Role
from spatial.people.queries import roles_on

from .models import Command, Delivery
from .queries import HEARING, due_to_send
from .rules import (
    DEFAULT_LIFE,
    KINDS,
    LONGEST_LIFE,
    MOST_LETTERS,
    Receipt,
    ReceiptRefused,
    after_receipt,
    command_bytes,
    pause_after,
)

SENDERS = {Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY, Role.ENTERPRISE_HEAD}
BATCH = 200


class CommandRefused(ValueError):
    """A command cannot be ordered; `code` names the sentence, the message says what to do."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        self.code, self.field = code, field
        super().__init__(message)


@transaction.atomic
def send_command(
    *,
    site: Any,
    devices: Iterable[Device],
    kind: str,
    target: str,
    target_label: str,
    actor: Any | None,
    now: datetime,
    text: str = "",
    life: timedelta = DEFAULT_LIFE,
    source_kind: str = "",
    source_id: str = "",
) -> Command:
    """This function will order a command to devices of a site; it is sent after the commit, again and again until a
    receipt comes or it expires.

    Call it in the transaction of what causes it (an acknowledged SOS): both happen or neither. `actor` None is the
    system. Raises CommandRefused.
    """
    if actor is not None and not (actor.is_superuser or roles_on(actor, site) & SENDERS):
        raise CommandRefused("not_yours", "Helmets are called by the safety officer or the project manager.")
    if kind not in KINDS:
        raise CommandRefused("kind", f"A command is one of {', '.join(KINDS)}.", "kind")
    words = text.strip()
    if kind != "buzz" and not words:
        raise CommandRefused("no_text", "Write what they shall hear or read.", "text")
    if len(words) > MOST_LETTERS:
        raise CommandRefused("long_text", f"At most {MOST_LETTERS} letters.", "text")
    if not timedelta(seconds=10) <= life <= LONGEST_LIFE:
        raise CommandRefused("life", "A command lives 10 seconds to 8 hours.")
    hearing = [one for one in devices if one.site_id == site.pk and one.active and one.kind in HEARING]
    if not hearing:
        raise CommandRefused("nobody", "There is no helmet or tag in use to send it to.")
    command = Command.objects.create(
        organisation=site.organisation, site=site, kind=kind, text=words, target=target,
        target_label=target_label[:160], source_kind=source_kind, source_id=source_id, sent_by=actor, ordered_at=now,
        expires_at=now + life,
    )  # fmt: skip
    Delivery.objects.bulk_create(
        Delivery(organisation=site.organisation, site=site, command=command, device=device,
                 person_id=device.person_id, next_try_at=now, expires_at=command.expires_at)
        for device in {device.pk: device for device in hearing}.values()
    )  # fmt: skip
    details = {"kind": kind, "text": words, "to": command.target_label, "devices": len(hearing)}
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="send_command",
        subject_kind="command",
        subject_id=command.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    return command


def send_due(*, publish: Callable[[str, bytes], bool], now: datetime) -> int:
    """This function will send what is due and expire what is over, and return how many were sent.

    A delivery is marked as sent in the transaction that sends it; should that be lost, it is sent twice, and the
    device plays it once. What cannot be sent now (`publish` says False) stays due.
    """
    with transaction.atomic():
        expired = Delivery.objects.filter(state__in=("queued", "sent"), expires_at__lte=now)
        expired.update(state=Delivery.State.EXPIRED)
        sent = 0
        for delivery in due_to_send(now)[:BATCH]:
            command = delivery.command
            payload = command_bytes(
                delivery_id=delivery.pk, kind=command.kind, text=command.text, ordered_at=command.ordered_at,
                expires_at=delivery.expires_at,
            )  # fmt: skip
            if not publish(f"tw/v1/{delivery.site.code}/{delivery.device.code}/commands", payload):
                break
            delivery.attempts += 1
            delivery.state, delivery.sent_at = Delivery.State.SENT, delivery.sent_at or now
            delivery.next_try_at = now + pause_after(delivery.attempts)
            delivery.save(update_fields=["attempts", "state", "sent_at", "next_try_at"])
            sent += 1
        return sent


@transaction.atomic
def take_receipt(*, device_code: str, receipt: Receipt, now: datetime) -> Delivery:
    """This function will note what a device says became of a command; the same receipt again changes nothing.

    A moment from the future is taken as now: a helmet's clock may be wrong, its receipt is not. Raises
    ReceiptRefused for a command that this device never got.
    """
    rows = Delivery.objects.select_for_update(of=("self",)).filter(pk=receipt.delivery_id, device__code=device_code)
    delivery = rows.first()
    if delivery is None:
        raise ReceiptRefused("id: no command of this device")
    at = min(receipt.at, now)
    if delivery.received_at is None:
        delivery.received_at = at
    if receipt.state in ("played", "confirmed") and delivery.played_at is None:
        delivery.played_at = at
    if receipt.state == "confirmed" and delivery.confirmed_at is None:
        delivery.confirmed_at = at
    delivery.state = after_receipt(delivery.state, receipt.state)
    delivery.save(update_fields=["received_at", "played_at", "confirmed_at", "state"])
    return delivery
