"""The examples of docs/reference/device-protocol.md are what the decoders read."""

import re
from datetime import UTC, datetime
from pathlib import Path

from ingest.backfill_files import read_file
from ingest.columns import as_message
from ingest.decoders.binary import FIX_ROW, HEADER, MAX_FIXES, MAX_PARTS, PART, READING_ROW, SIGNAL_ROW, decode_binary
from ingest.decoders.messages_json import decode_json
from ingest.messages import HEIGHT_REFERENCES, SIGNAL_KINDS, SOURCES, DevicePart, Fix

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/device-protocol.md").read_text(encoding="utf-8")
AT = datetime(2025, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def test_the_json_examples_are_read():
    helmet, gateway = (decode_json(text.encode(), sender_code="G-1") for text in examples("json"))
    assert helmet.parts[0].fixes == (Fix(AT, 113.7701, 34.765, 82.9, 0.3, "GNSS", True, "ellipsoid", 1.5),)
    assert (helmet.parts[0].readings[0].value, helmet.parts[0].signals[0].kind) == (7.5, "sos")
    assert [(part.device_code, part.frame) for part in gateway.parts] == [("T-01", "grid:B1"), ("H-02", "CGCS2000")]


def test_the_binary_example_is_read():
    (text,) = examples("hex")
    message = as_message(decode_binary(bytes.fromhex(text), sender_code="H-001"))
    assert (message.boot_id, message.sequence) == ("000000009f3c01aa", 7)
    assert message.parts == (
        DevicePart("H-001", 83, (Fix(AT, 113.7701, 34.765, 88.25, 0.3, "UWB", True, "ellipsoid"),)),
    )


def test_the_tables_of_the_binary_batch_name_the_sizes_and_codes_of_the_code():
    assert (HEADER.size, PART.itemsize, FIX_ROW.itemsize, READING_ROW.itemsize, SIGNAL_ROW.itemsize) == (
        44,
        4,
        24,
        16,
        8,
    )
    assert f"at most {MAX_FIXES:,} fixes of {MAX_PARTS:,}" in PAGE.replace("\n", " ")
    assert ", ".join(f"{number} {kind}" for number, kind in enumerate(SIGNAL_KINDS)) in PAGE
    assert ", ".join(f"{number} {source}" for number, source in enumerate(SOURCES)) in PAGE
    assert ", ".join(f"{number} {reference}" for number, reference in enumerate(HEIGHT_REFERENCES)) in PAGE


def test_the_csv_example_is_read():
    (text,) = examples("csv")
    (message,) = read_file(text.encode(), "csv", device_code="H-1", frame="WGS84", received_at=AT)
    first, second = as_message(message).parts[0].fixes
    assert first == Fix(AT, 113.7701, 34.765, 96.4, 0.3, "UWB", True)
    assert (second.time - first.time).total_seconds() == 1.0
