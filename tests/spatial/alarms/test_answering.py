"""Who called for help learns that it was seen; nobody else is spoken to."""

from datetime import timedelta

import pytest

from spatial.alarms.operations import acknowledge_alarm, raise_alarm
from spatial.alarms.titles import Words
from spatial.commands.models import Delivery
from tests.ingest.cast import START, build_cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "late", "kind", "spoken"),
    [
        ("P-08", False, "helmet", 1),
        ("P-01", False, "helmet", 0),
        ("P-08", True, "helmet", 0),
        ("P-08", False, "sensor", 0),
    ],
)
def test_an_acknowledged_call_for_help_speaks_at_the_helmet_once(rule, late, kind, spoken):
    cast = build_cast()
    cast.helmet.kind = kind
    cast.helmet.save()
    received = START + timedelta(minutes=10 if late else 0)
    alarm = raise_alarm(
        site=cast.site, rule=rule, level="red", title=Words.same("SOS"), zone=None, device=cast.helmet,
        person_name="张三", storey=None, location=None, raised_at=START, received_at=received,
    )  # fmt: skip
    for _ in range(2):
        acknowledge_alarm(alarm=alarm, actor=cast.officer, now=received + timedelta(seconds=20))
    assert Delivery.objects.count() == spoken
    if spoken:
        delivery = Delivery.objects.select_related("command").get()
        assert (delivery.device, delivery.person) == (cast.helmet, cast.worker)
        assert (delivery.command.kind, delivery.command.source_id) == ("voice", str(alarm.pk))
