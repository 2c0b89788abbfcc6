"""Commands: states and bytes, the outbox, receipts; nothing half-ordered."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from spatial.commands.models import Command, Delivery
from spatial.commands.operations import CommandRefused, send_command, send_due, take_receipt
from spatial.commands.rules import (
    Receipt,
    ReceiptRefused,
    after_receipt,
    command_bytes,
    pause_after,
    read_receipt,
    receipt_bytes,
)
from spatial.ledger.models import Act
from tests.ingest.cast import Cast, build_cast

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def cast(db) -> Cast:
    return build_cast(NOW - timedelta(days=1))


class Wire:
    """What was published; `up` False is a broker that is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.up = True

    def publish(self, topic: str, payload: bytes) -> bool:
        if self.up:
            self.sent.append((topic, payload))
        return self.up


def order(cast: Cast, **changes) -> Command:
    values = {"site": cast.site, "devices": [cast.helmet], "kind": "text", "text": "撤离基坑", "target": "person",
              "target_label": "张三", "actor": cast.officer, "now": NOW}  # fmt: skip
    return send_command(**{**values, **changes})


def test_states_only_go_forward_and_a_receipt_after_expiry_is_told_as_it_is():
    assert after_receipt("sent", "played") == "played"
    assert after_receipt("played", "received") == "played"
    assert after_receipt("expired", "received") == "received"
    assert [pause_after(count).total_seconds() for count in (1, 2, 3, 4, 5, 60)] == [2, 4, 8, 16, 30, 30]


def test_a_receipt_comes_back_as_it_was_written():
    number = uuid4()
    payload = receipt_bytes(delivery_id=str(number), state="played", epoch_ms=1_772_413_200_000)
    assert read_receipt(payload) == Receipt(number, "played", NOW)
    long = command_bytes(delivery_id=number, kind="text", text="撤" * 200, ordered_at=NOW, expires_at=NOW)
    assert len(long) < 1024


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b"\xff", "payload"), (b"[]", "payload"), (b"{" * 2000, "payload"),
        (b'{"v":2}', "v"), (b'{"v":1,"id":"7"}', "id"),
        (b'{"v":1,"id":"6fc58b3d-71a5-4208-9354-83adc356c224","state":"sent"}', "state"),
        (b'{"v":1,"id":"6fc58b3d-71a5-4208-9354-83adc356c224","state":"played","t":true}', "t"),
    ],
)  # fmt: skip
def test_a_bad_receipt_names_its_field(payload: bytes, field: str):
    with pytest.raises(ReceiptRefused) as refused:
        read_receipt(payload)
    assert str(refused.value).startswith(f"{field}:")


def test_it_is_sent_again_until_a_receipt_comes(cast: Cast):
    order(cast)
    wire = Wire()
    times = [seconds for seconds in range(61) if send_due(publish=wire.publish, now=NOW + seconds * SECOND)]
    assert times == [0, 2, 6, 14, 30, 60]
    assert {topic for topic, _ in wire.sent} == {f"tw/v1/{cast.site.code}/{cast.helmet.code}/commands"}
    assert len({payload for _, payload in wire.sent}) == 1
    delivery = Delivery.objects.get()
    take_receipt(
        device_code=cast.helmet.code, receipt=Receipt(delivery.pk, "received", NOW + SECOND), now=NOW + 61 * SECOND
    )
    assert send_due(publish=wire.publish, now=NOW + 200 * SECOND) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.received_at) == ("received", 6, NOW + SECOND)


def test_without_a_broker_it_waits_and_after_its_life_it_expires(cast: Cast):
    order(cast, life=timedelta(seconds=30))
    wire = Wire()
    wire.up = False
    assert send_due(publish=wire.publish, now=NOW) == 0
    assert Delivery.objects.get().attempts == 0
    assert send_due(publish=wire.publish, now=NOW + 30 * SECOND) == 0
    delivery = Delivery.objects.get()
    assert delivery.state == "expired"
    take_receipt(
        device_code=cast.helmet.code, receipt=Receipt(delivery.pk, "played", NOW + 40 * SECOND), now=NOW + 41 * SECOND
    )
    assert Delivery.objects.get().state == "played"


def test_receipts_twice_backwards_or_from_tomorrow_change_nothing_more(cast: Cast):
    order(cast)
    number = Delivery.objects.get().pk
    now = NOW + 10 * SECOND
    for state, at in (("played", NOW + timedelta(days=1)), ("received", NOW), ("played", NOW)):
        take_receipt(device_code=cast.helmet.code, receipt=Receipt(number, state, at), now=now)
    held = Delivery.objects.get()
    assert (held.state, held.received_at, held.played_at) == ("played", now, now)
    with pytest.raises(ReceiptRefused, match="no command of this device"):
        take_receipt(device_code="other", receipt=Receipt(number, "confirmed", NOW), now=now)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"text": " "}, "no_text"), ({"text": "x" * 201}, "long_text"), ({"kind": "shout"}, "kind"),
     ({"devices": []}, "nobody"), ({"life": timedelta(days=1)}, "life")],
)  # fmt: skip
def test_what_is_refused_leaves_no_order(cast: Cast, changes: dict, code: str):
    with pytest.raises(CommandRefused) as refused:
        order(cast, **changes)
    assert refused.value.code == code
    assert Command.objects.count() == 0
    assert not Act.objects.filter(verb="send_command").exists()


def test_strangers_send_nothing_and_retired_helmets_get_nothing(cast: Cast):
    with pytest.raises(CommandRefused, match="called by"):
        order(cast, actor=cast.stranger)
    cast.helmet.active = False
    with pytest.raises(CommandRefused, match="no helmet"):
        order(cast)
    assert Delivery.objects.count() == 0
