"""JT/T 808 frames: published ones as vectors, round trips, and everything hostile."""

import contextlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.jt808 import CHINA, decode_jt808, read_location
from ingest.jt808 import bodies
from ingest.jt808.conversation import MAX_BAD_FRAMES, Authenticate, Close, Conversation, Deliver, Refuse, Register, Send
from ingest.jt808.frames import (
    MAX_BODY,
    MAX_ESCAPED_FRAME,
    Frame,
    FrameRefused,
    FrameStream,
    Header,
    escape,
    read_frame,
    unescape,
    write_frame,
)
from ingest.messages import PayloadRefused
from tests.ingest.jt808.terminal import batch, location, registration

# The worked example of the JT808 library of SmallChi (README, MIT), standard of 2013.
PUBLISHED_2013 = (
    "7E 02 00 00 26 12 34 56 78 90 12 00 7D 02 00 00 00 01 00 00 00 02 00 BA 7F 0E 07 E4 F1 1C 00 28 00 3C 00 00 "
    "18 10 15 10 10 10 01 04 00 00 00 64 02 02 00 7D 01 13 7E"
)
# Messages of the debug page of xtream-codec (Apache-2.0), standard of 2019.
PUBLISHED_2019_LOCATION = (
    "7e02004026010000000001391234432900000000006f0000001601dc9a0707456246007b00420003250129223344"
    "0202006401040000000c417e"
)
PUBLISHED_2019_BATCH = (
    "7e0704403f01000000000139123443290000000200001c000000010000000101d907f2073d336c029a00210059241029213903001c00000001"
    "0000000101d907f3073d336d03090043005a241029213903f87e"
)
AT = datetime(2026, 3, 1, 9, 0, tzinfo=CHINA)


def between_flags(text: str) -> bytes:
    return bytes.fromhex(text)[1:-1]


def test_the_published_location_of_2013_is_read_to_the_last_item():
    frame = read_frame(between_flags(PUBLISHED_2013))
    assert frame.header == Header(0x0200, "123456789012", 0x7E)
    found = read_location(frame.body)
    assert (found.alarms, found.status, found.lat, found.lon) == (1, 2, 12.222222, 132.444444)
    assert (found.height_m, found.speed_km_h, found.course_deg) == (40.0, 6.0, 0)
    assert found.time == datetime(2018, 10, 15, 10, 10, 10, tzinfo=CHINA)
    assert found.items == ((1, bytes.fromhex("00000064")), (2, bytes.fromhex("007d")))
    assert write_frame(frame).hex(" ").upper() == PUBLISHED_2013
    message = decode_jt808(frame.body, sender_code="V-1")
    part = message.parts[0]
    assert (part.fixes[0].x, part.fixes[0].y, part.fixes[0].height_m) == (132.444444, 12.222222, 40.0)
    assert [(row.quantity, row.value) for row in part.readings] == [("mileage", 10.0), ("fuel", 12.5)]
    assert [row.kind for row in part.signals] == ["sos"]


def test_the_published_messages_of_2019_are_read():
    frame = read_frame(between_flags(PUBLISHED_2019_LOCATION))
    assert frame.header == Header(0x0200, "00000000013912344329", 0, version=1)
    found = read_location(frame.body)
    assert (found.alarms, found.status, found.lat, found.lon) == (111, 22, -31.234567, 121.987654)
    assert found.time == datetime(2025, 1, 29, 22, 33, 44, tzinfo=CHINA)
    assert write_frame(frame).hex() == PUBLISHED_2019_LOCATION
    frame = read_frame(between_flags(PUBLISHED_2019_BATCH))
    read = [read_location(one) for one in bodies.read_locations(frame)]
    assert [(row.lat, row.lon, row.height_m, row.speed_km_h) for row in read] == [
        (31.000562, 121.451372, 666.0, 3.3),
        (31.000563, 121.451373, 777.0, 6.7),
    ]
    assert not bodies.is_backfill(frame)
    assert write_frame(frame).hex() == PUBLISHED_2019_BATCH


def test_the_example_of_the_standard_is_escaped_as_it_says():
    plain, escaped = bytes.fromhex("307e087d55"), bytes.fromhex("307d02087d0155")
    assert (escape(plain), unescape(escaped)) == (escaped, plain)
    for broken in ("7d", "307d03", "7d7d01"):
        with pytest.raises(FrameRefused, match="escape"):
            unescape(bytes.fromhex(broken))


frames = st.builds(
    Frame,
    st.builds(
        Header,
        st.integers(0, 0xFFFF),
        st.from_regex("[1-9][0-9]{10,11}", fullmatch=True).map(lambda n: n.zfill(12)),
        st.integers(0, 0xFFFF),
    ),
    st.binary(max_size=MAX_BODY),
)


@given(frames, st.lists(st.integers(1, 40), max_size=80))
def test_a_frame_written_is_read_again_however_the_network_cuts_it(frame, cuts):
    sent, stream, found = write_frame(frame) * 2, FrameStream(), []
    for cut in [*cuts, len(sent)]:
        piece, sent = sent[:cut], sent[cut:]
        found += [read_frame(content) for content in stream.feed(piece)]
    assert found == [frame, frame]
    assert not stream.half_frame


@given(st.binary(max_size=1500))
def test_any_bytes_are_read_or_refused_and_nothing_else(content):
    with contextlib.suppress(FrameRefused):
        read_frame(content)
    try:
        decode_jt808(content, sender_code="V-1")
    except PayloadRefused as refusal:
        assert refusal.field


@given(frames, st.data())
def test_one_bit_that_fell_over_is_noticed(frame, data):
    sent = bytearray(write_frame(frame)[1:-1])
    at = data.draw(st.integers(0, len(sent) - 1))
    sent[at] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(FrameRefused):
        assert read_frame(bytes(sent)) != frame


def test_more_bytes_than_a_frame_can_have_end_the_stream():
    stream = FrameStream()
    assert list(stream.feed(b"\x7e" + b"x" * MAX_ESCAPED_FRAME)) == []
    with pytest.raises(FrameRefused, match="without 0x7e"):
        list(stream.feed(b"x"))
    with pytest.raises(FrameRefused, match="no JT/T 808"):
        list(FrameStream().feed(b"GET / HTTP/1.1\r\n"))


def say(number: str, message_id: int, body: bytes, serial: int = 1, **more) -> bytes:
    return write_frame(Frame(Header(message_id, number, serial, **more), body))


def test_nothing_is_taken_from_a_terminal_that_did_not_show_its_code():
    talk = Conversation()
    acts = list(talk.feed(say("13912345678", 0x0200, location(AT, 113.77, 34.76))))
    assert [type(act) for act in acts] == [Send, Close]
    assert acts[0].frame.body == bytes.fromhex("0001 0200 01")


def test_registering_is_read_in_every_version():
    for version, number in ((None, "013912345678"), (1, "00000000013912345678")):
        (act,) = Conversation().feed(say(number, 0x0100, registration(version=version), version=version))
        assert isinstance(act, Register)
        assert (act.who.maker, act.who.model, act.who.terminal_id, act.who.plate) == (
            "MAKER",
            "T-1",
            "ID00001",
            "豫A12345",
        )
    old = b"\0\x29\0\x01" + b"MAKER" + b"T-1".ljust(8) + b"ID00001" + b"\x02" + "豫A1".encode("gbk")
    (act,) = Conversation().feed(say("013912345678", 0x0100, old))
    assert (act.who.model, act.who.terminal_id, act.who.plate) == ("T-1", "ID00001", "豫A1")
    body = bytes([4]) + b"abcd" + b"860000000000001" + b"V2.1".ljust(20, b"\0")
    (act,) = Conversation().feed(say("013912345678", 0x0102, body, version=1))
    assert isinstance(act, Authenticate) and (act.code, act.software) == ("abcd", "V2.1")


def known(number: str = "13912345678") -> Conversation:
    talk = Conversation()
    (act,) = talk.feed(say(number, 0x0102, b"code"))
    talk.answer_authentication(act.header, good=True)
    return talk


def test_packages_are_put_together_in_any_order_and_all_are_answered():
    body = batch([location(AT, 113.77, 34.76)] * 60, backfill=True)
    pieces = [body[at : at + 400] for at in range(0, len(body), 400)]
    sent = [
        say(
            "13912345678",
            0x0704,
            piece,
            serial=0xFFFE + number & 0xFFFF,
            package_total=len(pieces),
            package_index=number,
        )
        for number, piece in enumerate(pieces, start=1)
    ]
    talk = known()
    acts = [act for content in (*sent[1:], sent[0]) for act in talk.feed(content)]
    (act,) = acts
    assert isinstance(act, Deliver)
    assert (len(act.locations), act.backfill) == (60, True)
    assert [head.serial for head in act.heads] == [0xFFFF, 0, 1, 2, 3][: len(pieces)]


def test_a_second_terminal_on_one_connection_ends_it():
    acts = list(known().feed(say("13900000000", 0x0002, b"")))
    assert [type(act) for act in acts] == [Refuse, Close]


def test_faults_are_kept_with_their_reason_and_too_many_end_the_connection():
    talk = known()
    bad = bytearray(say("13912345678", 0x0002, b""))
    bad[5] ^= 1
    acts = [act for _ in range(MAX_BAD_FRAMES) for act in talk.feed(bytes(bad))]
    assert [type(act) for act in acts] == [Refuse] * MAX_BAD_FRAMES + [Close]
    assert acts[0].reason.startswith("checksum: ")
    talk = known()
    send, refuse = talk.feed(say("13912345678", 0x0704, bytes.fromhex("0001000005")))
    assert send.frame.body == bytes.fromhex("0001 0704 02")
    assert refuse.reason == "batch: location 0 is cut off"


def test_what_we_do_not_speak_is_answered_as_unsupported_and_a_heartbeat_as_done():
    talk = known()
    (unsupported,) = talk.feed(say("13912345678", 0x0801, b"picture"))
    (beat,) = talk.feed(say("13912345678", 0x0002, b"", serial=9))
    assert unsupported.frame.body == bytes.fromhex("0001 0801 03")
    assert beat.frame.body == bytes.fromhex("0009 0002 00")


def test_a_text_is_written_in_gbk_and_what_gbk_lacks_is_refused():
    talk = known()
    assert talk.text("立即撤离", urgent=True, spoken=True).body == b"\x0d" + "立即撤离".encode("gbk")
    with pytest.raises(FrameRefused, match="GBK"):
        talk.text("🚨", urgent=True, spoken=True)
    with pytest.raises(FrameRefused, match="1 to 499"):
        talk.text("立" * 250, urgent=False, spoken=False)


@given(st.lists(st.one_of(frames.map(write_frame), st.binary(max_size=300)), max_size=12))
def test_a_conversation_survives_anything(pieces):
    talk = known()
    for piece in pieces:
        for act in talk.feed(piece):
            if isinstance(act, Close):
                return


def test_the_same_location_is_the_same_message_alone_or_in_a_batch():
    one = location(AT, 113.77, 34.76)
    alone, again = decode_jt808(one, sender_code="V-1"), decode_jt808(one, sender_code="V-1")
    assert (alone.boot_id, alone.sequence) == (again.boot_id, again.sequence)
    moved = decode_jt808(location(AT, 113.770001, 34.76), sender_code="V-1")
    assert moved.boot_id != alone.boot_id
    assert len(alone.boot_id) == 16


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"\0" * 27, "location"),
        (location(AT, 113.77, 34.76)[:22] + bytes.fromhex("261301250000"), "time"),
        (location(AT, 113.77, 34.76)[:22] + bytes.fromhex("26fa01250000"), "time"),
        (location(AT, 113.77, 34.76, status=0b110), "latitude"),
        (location(AT, 10.0, 34.76), "longitude"),
        (location(AT, 113.77, 34.76, items=b"\x01\x04\0"), "item 0x01"),
        (location(AT, 113.77, 34.76, items=b"\x01\x02\0\0"), "item 0x01"),
    ],
)
def test_a_bad_location_is_refused_by_the_name_of_its_field(body, field):
    with pytest.raises(PayloadRefused) as caught:
        decode_jt808(body, sender_code="V-1")
    assert caught.value.field.startswith(field)


def test_coordinates_are_of_the_datum_that_the_message_or_the_registry_says():
    def frame_of(**more):
        return decode_jt808(location(AT, 113.77, 34.76, **more), sender_code="V-1").parts[0].frame

    assert frame_of() == "WGS84"
    assert frame_of(status=0b100010) == "GCJ-02"
    assert decode_jt808(location(AT, 113.77, 34.76), sender_code="V", datum="CGCS2000").parts[0].frame == "CGCS2000"


def test_a_terminal_without_a_fix_tells_its_alarm_but_no_place():
    part = decode_jt808(location(AT, 0, 0, status=0, alarms=1 << 8 | 1), sender_code="V-1").parts[0]
    assert part.fixes == ()
    assert [row.kind for row in part.signals] == ["sos", "tamper"]


def pieces_of(body: bytes, size: int = 400, first_serial: int = 20, version: int | None = None) -> list[bytes]:
    """A batch (0x0704) in packages."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return [
        say("13912345678", 0x0704, piece, serial=first_serial + number - 1, version=version,
            package_total=len(pieces), package_index=number)
        for number, piece in enumerate(pieces, start=1)
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "count"), [(None, "02"), (1, "0002")])
def test_packages_that_do_not_come_in_time_are_asked_for_by_their_numbers(version, count):
    sent = pieces_of(batch([location(AT, 113.77, 34.76)] * 60), version=version)
    talk = Conversation(package_wait_s=5.0)
    code = b"code" if version is None else b"\x04code" + bytes(35)
    (act,) = talk.feed(say("13912345678", 0x0102, code, version=version))
    talk.answer_authentication(act.header, good=True)
    for number, content in enumerate(sent):
        if number not in (1, 3):
            assert list(talk.feed(content, now=10.0 + number)) == []
    assert talk.asks_at == 19.0  # five seconds after the last one that came
    assert list(talk.ask_again(18.9)) == []
    (ask,) = talk.ask_again(19.0)
    assert ask.frame.header.message_id == 0x8003
    assert ask.frame.body == bytes.fromhex(f"0014 {count} 0002 0004")
    assert list(talk.feed(sent[3], now=19.1)) == []
    (act,) = talk.feed(sent[1], now=19.2)
    assert (len(act.locations), talk.asks_at) == (60, None)


def test_packages_that_never_come_are_asked_for_three_times_and_then_the_message_is_refused():
    talk = known()
    assert list(talk.feed(pieces_of(batch([location(AT, 113.77, 34.76)] * 60))[0], now=0.0)) == []
    acts = [act for now in (5.0, 10.0, 15.0, 20.0, 25.0) for act in talk.ask_again(now)]
    assert [type(act) for act in acts] == [Send, Send, Send, Refuse]
    assert acts[-1].reason == "packages: of 0x0704, 5 packages these never came: 2, 3, 4, 5"
    assert talk.asks_at is None


def test_a_stranger_is_not_asked_for_packages():
    talk = Conversation()
    assert list(talk.feed(pieces_of(batch([location(AT, 113.77, 34.76)] * 60))[0], now=0.0)) == []
    assert [act for now in (5.0, 10.0, 15.0, 20.0) for act in talk.ask_again(now)] == []
    assert talk.asks_at is None


def test_the_time_is_told_in_utc():
    talk = known()
    (act,) = talk.feed(say("13912345678", 0x0004, b"", serial=3, version=1))
    frame = talk.tell_time(act.header, datetime(2026, 3, 1, 9, 30, 5, tzinfo=CHINA))
    assert (frame.header.message_id, frame.body.hex()) == (0x8004, "260301013005")
