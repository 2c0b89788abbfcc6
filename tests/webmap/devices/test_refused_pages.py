"""Refused messages of devices: counted, filtered, shown safely, downloaded."""

from __future__ import annotations

import pytest
from django.utils import timezone

from spatial.devices.models import RefusedMessage
from spatial.devices.operations import keep_refused_message
from tests.webmap.devices.conftest import BASE, client_of, device

pytestmark = pytest.mark.django_db


def test_refused_messages_are_counted_filtered_shown_safely_and_downloaded(cast):
    now = timezone.now()
    row = device(cast)
    for seconds in range(3):
        keep_refused_message(
            topic="tw/v1/field/H-1/positions", device_code="H-1", site=cast.site, payload=b'{"v": 2}',
            reason=f"fixes[0].t: {3600 + seconds} s ahead of the server's clock", received_at=now,
        )  # fmt: skip
    keep_refused_message(
        topic="t",
        device_code="=X()",
        site=cast.site,
        payload=b"\x00\x7e<script>",
        reason="v: must be 1",
        received_at=now,
    )
    keep_refused_message(
        topic="t", device_code="far", site=cast.other_site, payload=b"secret", reason="other", received_at=now
    )
    client = client_of(cast.safety)
    page = client.get(f"{BASE}refused/")
    assert [(r["kind"], r["count"]) for r in page.context["reasons"]] == [
        ("fixes[…].t: … s ahead of the server's clock", 3), ("v: must be …", 1),
    ]  # fmt: skip
    assert [(r["device_code"], r["count"], r["id"]) for r in page.context["devices"]] == [
        ("H-1", 3, row.pk),
        ("=X()", 1, None),
    ]
    assert "00 7e 3c 73 63 72 69 70 74 3e" in page.content.decode()
    kind = page.context["reasons"][0]["kind"]
    assert client.get(f"{BASE}refused/", {"reason": kind}).context["total"] == 3
    file = b"".join(client.get(f"{BASE}refused/messages.csv").streaming_content).decode()
    assert len(file.strip().splitlines()) == 5
    assert "'=X()" in file and "secret" not in file
    message = RefusedMessage.objects.get(device_code="=X()")
    assert "00 7e" in client.get(f"{BASE}refused/{message.pk}/").content.decode()
    payload = client.get(f"{BASE}refused/{message.pk}/?payload")
    assert (payload.content, payload["Content-Type"]) == (b"\x00\x7e<script>", "application/octet-stream")
    other = RefusedMessage.objects.get(device_code="far")
    assert client.get(f"{BASE}refused/{other.pk}/").status_code == 404
