"""The editor of mappings and the recipes of protocols."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ingest.decoders.jt808 import decode_jt808
from ingest.decoders.mapped import decode_mapped, example_mapping, example_payload
from ingest.decoders.mapping_form import read_mapping
from ingest.decoders.messages_json import decode_json
from ingest.decoders.sensorthings import Bound, decode_sensorthings
from ingest.jt808.frames import read_frame
from spatial.devices.models import Mapping, StreamBinding
from spatial.devices.rules import DeviceFacts
from spatial.devices.speaking import bind_stream
from tests.webmap.devices.conftest import BASE, client_of, device
from webmap.pages.devices.recipes import recipe_of

pytestmark = pytest.mark.django_db


def test_the_mapping_editor_shows_what_would_be_taken_and_keeps_versions(cast):
    client = client_of(cast.safety)
    body, example = json.dumps(example_mapping()), json.dumps(example_payload())
    tried = client.post(f"{BASE}mappings/try/", {"body": body, "example": example}).content.decode()
    assert "The payload is read without a fault." in tried and "position.x" in tried
    wrong = client.post(f"{BASE}mappings/try/", {"body": body, "example": '{"ts": 1772326800000}'}).content.decode()
    assert "gps: there is no such field" in wrong and "The payload would be refused." in wrong
    assert "is not JSON (line 1, column 2)" in client.post(f"{BASE}mappings/try/", {"body": "{,"}).content.decode()
    assert Mapping.objects.count() == 0
    assert (
        client.post(f"{BASE}mappings/new/", {"name": "安全帽厂", "body": body, "example": example}).status_code == 302
    )
    mapping = Mapping.objects.get()
    row = device(cast, facts=DeviceFacts(protocol="mapped"))
    assert client.post(f"{BASE}{row.pk}/mapping/", {"version": mapping.versions.get().pk}).status_code == 302
    changed = json.dumps({**example_mapping(), "battery": "$.power"})
    edit = f"{BASE}mappings/{mapping.pk}/"
    assert client.post(edit, {"body": changed, "example": example, "use": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.mapping.number, row.mapping.body["battery"]) == (2, "$.power")
    assert client.post(edit, {"body": changed, "example": example}).status_code == 302
    assert mapping.versions.count() == 2
    refused = client.post(edit, {"body": '{"time": 1}', "example": ""})
    assert refused.status_code == 422 and mapping.versions.count() == 2
    assert client.get(edit).status_code == 200


def test_the_example_of_every_recipe_is_really_taken(cast):
    now = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    plain = device(cast, "H-1")
    recipe = recipe_of(plain, "site.example", now)
    assert recipe.publish == "tw/v1/field/H-1/positions"
    assert decode_json(recipe.payload.encode(), sender_code="H-1").parts[0].fixes[0].time == now
    truck = device(cast, "V-1", "vehicle", facts=DeviceFacts(protocol="jt808", terminal_number="13912345678"))
    frame = read_frame(bytes.fromhex(recipe_of(truck, "site.example", now).payload)[1:-1])
    assert frame.header.number == "013912345678"
    assert decode_jt808(frame.body, sender_code="V-1").parts[0].fixes[0].time == now
    sender = device(cast, "GW-1", "gateway", facts=DeviceFacts(protocol="sensorthings"))
    bind_stream(sender=sender, stream_id="42", device=plain, quantity="oxygen", actor=None, now=now)
    streams = {"42": Bound("H-1", "oxygen")}
    assert decode_sensorthings(
        recipe_of(sender, "site.example", now).payload.encode(), sender_code="GW-1", streams=streams
    ).parts
    text = json.dumps(example_payload()).encode()
    assert decode_mapped(text, sender_code="H-1", form=read_mapping(example_mapping())).parts[0].fixes
    assert recipe_of(device(cast, "CAM-1", "camera", facts=DeviceFacts(protocol="silent")), "site.example", now) is None
    assert StreamBinding.objects.count() == 1
