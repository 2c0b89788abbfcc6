"""The two forms of a gateway's message say the same, and what the compact one cannot hold goes as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ingest.columns import in_columns
from ingest.decoders.binary import decode_binary
from ingest.decoders.messages_json import decode_json
from ingest.gateway.config import ConfigRefused, load_config
from ingest.gateway.envelope import pack, packer
from ingest.gateway.journal import Entry

BOOT = "00aa00bb00cc00dd"


def entry(number: int, **body: object) -> Entry:
    part = {"device": f"H-{number}", "battery": 60 + number, **body}
    return Entry(number, json.dumps(part).encode(), 2)


def fix(second: int, **more: object) -> dict:
    at = {"t": 1_763_892_000_250 + 1000 * second, "lon": 113.7701001, "lat": 34.765, "h": 96.4}
    return {**at, "h_ref": "yellow_sea", "acc": 0.3, "src": "UWB", **more}


def test_the_compact_form_says_the_same_in_fewer_bytes():
    entries = [entry(n, fixes=[fix(second) for second in range(20)], signals=[{"kind": "sos", "t": 1_763_892_000_250}])
               for n in range(5)]  # fmt: skip
    kind, payload = packer("binary")(BOOT, 7, entries)
    assert kind == "binary"
    told, plain = decode_binary(payload, sender_code="GW-1"), pack(BOOT, 7, entries)
    wanted = in_columns(decode_json(plain, sender_code="GW-1"))
    assert (told.boot_id, told.sequence, told.device_codes) == (BOOT, 7, wanted.device_codes)
    assert (told.batteries, told.signals) == (wanted.batteries, wanted.signals)
    assert np.array_equal(told.fixes["time_us"], wanted.fixes["time_us"])
    assert np.allclose(told.fixes["x"], wanted.fixes["x"], atol=0.6e-7, rtol=0)
    assert len(payload) * 4 < len(plain)
    assert packer("binary")(BOOT, 7, entries) == (kind, payload)  # sent again, the same bytes


@pytest.mark.parametrize("part", [{"fixes": [{"t": "soon"}]}, {"fixes": [fix(0, acc=800.0)]}])
def test_a_line_that_the_compact_form_cannot_hold_goes_as_json(part):
    entries = [entry(1, fixes=[fix(0)]), entry(2, **part)]
    assert packer("binary")(BOOT, 8, entries) == ("messages", pack(BOOT, 8, entries))
    assert packer("json")(BOOT, 8, entries[:1])[0] == "messages"


def test_another_form_is_refused_with_those_there_are(tmp_path):
    body = {"site": "zd-1", "gateway": "GW-1", "password": "x", "broker": {"host": "h"}, "form": "xml",
            "listen": {"host": "127.0.0.1", "port": 7700}, "journal": {"file": "j"}}  # fmt: skip
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(body))
    with pytest.raises(ConfigRefused, match=r"form must be one of json, binary\."):
        load_config(file)
