"""The examples of the reference pages for device makers are taken as they stand there."""

import json
import re
from pathlib import Path

from ingest.decoders.jt808 import read_location
from ingest.decoders.mapped import decode_mapped, example_mapping, example_payload
from ingest.decoders.mapping_form import read_mapping
from ingest.decoders.sensorthings import Bound, decode_sensorthings
from ingest.jt808.frames import read_frame

PAGES = Path(__file__).resolve().parents[3] / "docs" / "reference"


def blocks(page: str, kind: str = "json") -> list[str]:
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_frame_of_the_jt808_page_says_what_is_written_beside_it():
    (frame,) = blocks("jt808.md", "")
    read = read_frame(bytes.fromhex(frame)[1:-1])
    found = read_location(read.body)
    assert (read.header.number, read.header.serial, found.alarms) == ("123456789012", 126, 1)
    assert (found.lat, found.lon, found.height_m, found.speed_km_h) == (12.222222, 132.444444, 40.0, 6.0)


def test_the_observations_of_the_sensorthings_page_are_taken():
    streams = {"42": Bound("GAS-01", "oxygen")}
    counts = [
        len(decode_sensorthings(text.encode(), sender_code="GW", streams=streams).parts[0].readings)
        for text in blocks("sensorthings.md")
    ]
    assert counts == [1, 2]


def test_the_mapping_of_its_page_reads_the_payload_beside_it_and_is_the_editors_beginning():
    mapping, payload = blocks("mapping.md")
    part = decode_mapped(payload.encode(), sender_code="H-1", form=read_mapping(json.loads(mapping))).parts[0]
    assert (part.fixes[0].x, part.battery_percent, part.readings[0].value, part.signals) == (113.7761, 83, 21.5, ())
    assert json.loads(payload) == example_payload()
    beginning = example_mapping()
    assert json.loads(mapping)["readings"] == beginning["readings"]
