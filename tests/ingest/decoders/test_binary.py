"""The binary batch: what is written is read again, one byte literal is read exactly, and any bytes are named."""

import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.columns import as_message
from ingest.decoders.binary import decode_binary
from ingest.decoders.binary_writing import encode_binary
from ingest.messages import (
    SIGNAL_KINDS,
    DeviceMessage,
    DevicePart,
    FieldInvalid,
    Fix,
    PayloadNotReadable,
    PayloadRefused,
    Reading,
    Signal,
    VersionUnknown,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
times = st.integers(0, 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))
words = st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{1,10}", fullmatch=True)


def ten_millionths(low: int, high: int):
    return st.integers(low * 10_000_000, high * 10_000_000).map(lambda value: value / 1e7)


def fix_in(frame: str):
    on_grid = frame.startswith("grid:")
    metres = st.integers(-100_000_000, 100_000_000).map(lambda value: value / 1e3)
    return st.builds(
        Fix,
        time=times,
        x=metres if on_grid else ten_millionths(73, 136),
        y=metres if on_grid else ten_millionths(3, 54),
        height_m=st.integers(-500_000, 9_000_000).map(lambda value: value / 1e3),
        accuracy_m=st.integers(1, 65_535).map(lambda value: value / 1e2),
        source=st.sampled_from(["GNSS", "UWB", "BLE", "manual"]),
        worn=st.sampled_from([None, True, False]),
        height_reference=st.sampled_from(["yellow_sea", "ellipsoid", "barometer", *(["grid"] if on_grid else [])]),
        height_accuracy_m=st.none() | st.integers(1, 65_535).map(lambda value: value / 1e2),
    )


@st.composite
def parts(draw):
    frame = draw(st.sampled_from(["CGCS2000", "WGS84", "GCJ-02"]) | words.map(lambda word: f"grid:{word}"))
    reading = st.builds(Reading, words, times, st.floats(-1e12, 1e12), st.just("") | words)
    return DevicePart(
        device_code=draw(codes),
        battery_percent=draw(st.none() | st.integers(0, 100)),
        fixes=tuple(draw(st.lists(fix_in(frame), max_size=4))),
        readings=tuple(draw(st.lists(reading, max_size=3))),
        signals=tuple(
            draw(st.lists(st.builds(Signal, st.sampled_from(SIGNAL_KINDS), times, st.booleans()), max_size=2))
        ),
        frame=frame,
    )


messages = st.builds(
    DeviceMessage,
    sender_code=st.just("G-1"),
    boot_id=st.integers(0, 2**64 - 1).map(lambda value: f"{value:016x}"),
    sequence=st.integers(0, 2**53 - 1),
    parts=st.lists(parts(), min_size=1, max_size=4).map(tuple),
)


@given(messages)
def test_what_is_written_is_read_again(message):
    assert as_message(decode_binary(encode_binary(message), sender_code="G-1")) == message


SMALLEST = (
    b"TWB\x01" + struct.pack("<IQQq", 44 + 4 + 24 + 4, 0x9F3C01AA, 7, 1763892000000)
    + struct.pack("<HHIHH", 1, 0, 1, 0, 0)
    + bytes([0, 83, 0, 255])
    + struct.pack("<IiiiHHHBB", 250, 1137701000, 347650000, 88250, 0, 30, 0, 1 | 2 << 2 | 1 << 4, 0)
)  # fmt: skip


def sealed(body: bytes) -> bytes:
    return body + struct.pack("<I", zlib.crc32(body))


def test_the_smallest_batch_byte_by_byte():
    fix = Fix(
        datetime(2025, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC), 113.7701, 34.765, 88.25, 0.3, "UWB", True, "ellipsoid"
    )
    read = as_message(decode_binary(sealed(SMALLEST), sender_code="H-001"))
    assert read == DeviceMessage("H-001", "000000009f3c01aa", 7, (DevicePart("H-001", 83, (fix,)),))


def test_a_fix_costs_24_bytes():
    one = DeviceMessage(
        "H-1",
        "00",
        1,
        (
            DevicePart(
                "H-1", None, (as_message(decode_binary(sealed(SMALLEST), sender_code="H-1")).parts[0].fixes[0],) * 100
            ),
        ),
    )
    assert len(encode_binary(one)) == 44 + 4 + 100 * 24 + 4


@pytest.mark.parametrize(
    ("at", "value", "refusal", "field"),
    [
        (0, b"X", PayloadNotReadable, ""),
        (3, b"\x02", VersionUnknown, "version"),
        (4, b"\x01", PayloadNotReadable, "length"),
        (32, b"\x00", FieldInvalid, "parts"),
        (32, b"\x09", PayloadNotReadable, "parts"),
        (36, b"\x02", PayloadNotReadable, "fixes"),
        (40, b"\x01", PayloadNotReadable, "readings"),
        (45, b"\x65", FieldInvalid, "parts[0].battery"),
        (46, b"\x04", FieldInvalid, "parts[0].frame"),
        (46, b"\x03", FieldInvalid, "parts[0].grid_word"),
        (52, bytes(4), FieldInvalid, "fixes[0].lon"),
        (56, bytes(4), FieldInvalid, "fixes[0].lat"),
        (64, b"\x01", FieldInvalid, "fixes[0].part"),
        (66, bytes(2), FieldInvalid, "fixes[0].accuracy_m"),
        (70, b"\x40", FieldInvalid, "fixes[0].flags"),
        (71, b"\x01", FieldInvalid, "fixes[0].spare"),
    ],
)  # fmt: skip
def test_a_wrong_byte_is_refused_by_the_name_of_its_field(at, value, refusal, field):
    body = SMALLEST[:at] + value + SMALLEST[at + len(value) :]
    with pytest.raises(refusal) as error:
        decode_binary(sealed(body), sender_code="H-001")
    assert error.value.field == field


def test_a_flipped_bit_is_found_by_the_crc():
    broken = bytearray(sealed(SMALLEST))
    broken[55] ^= 1
    with pytest.raises(PayloadNotReadable) as error:
        decode_binary(bytes(broken), sender_code="H-001")
    assert error.value.field == "crc"


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"TWB\x01" + tail))
def test_any_bytes_end_in_a_message_or_a_named_refusal(payload):
    with pytest.raises(PayloadRefused):
        decode_binary(payload, sender_code="H-001")


@settings(max_examples=300)
@given(messages, st.lists(st.tuples(st.integers(4, 5000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_batch_with_a_fitting_crc_ends_in_a_message_or_a_named_refusal(message, damage):
    body = bytearray(encode_binary(message)[:-4])
    for at, value in damage:
        if not 4 <= at % len(body) < 8:
            body[at % len(body)] = value
    try:
        decode_binary(sealed(bytes(body)), sender_code="G-1")
    except PayloadRefused as refusal:
        assert str(refusal)


@pytest.mark.parametrize("boot", ["f" * 17, "00"])
def test_a_boot_that_does_not_fit_is_said_so(boot):
    message = DeviceMessage("H-1", boot, 1, (DevicePart("H-1", 1),))
    if len(boot) > 16:
        with pytest.raises(ValueError, match="does not fit"):
            encode_binary(message)
    else:
        assert decode_binary(encode_binary(message), sender_code="H-1").boot_id == "0" * 16
