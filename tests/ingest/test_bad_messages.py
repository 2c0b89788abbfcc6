"""One bad message is a refusal of itself: it neither ends the service nor harms the messages beside it."""

import json
import logging
import time
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from django.db import OperationalError
from django.utils import timezone

from deploy.supervision import wait_until
from ingest import arrivals as reading
from ingest import directory as remembered
from ingest.arrivals import Arrival, read_arrivals
from ingest.directory import Directory
from ingest.refusals import RefusalBook
from spatial.devices.models import RefusedMessage
from tests.ingest.cast import START

pytestmark = pytest.mark.django_db


def said(cast, seq, *, kind="positions", **fields):
    body = {"v": 1, "boot": "beadbead", "seq": seq, "fixes": [cast.fix(START, -50)], **fields}
    return Arrival(f"tw/v1/{cast.site.code}/{cast.helmet.code}/{kind}", json.dumps(body).encode(), START)


def test_a_decoder_that_fails_refuses_its_message_only_and_the_log_has_the_traceback(cast, monkeypatch, caplog):
    whole = reading.DECODERS["positions"]

    def failing(payload, sender):
        if payload == b"bad":
            raise OverflowError("int too large to convert to float")
        return whole(payload, sender)

    good, bad = said(cast, 1), replace(said(cast, 2), payload=b"bad")
    monkeypatch.setitem(reading.DECODERS, "positions", failing)
    with caplog.at_level(logging.ERROR):
        received, refused = read_arrivals([good, bad], Directory(time.monotonic))
    assert [item.message.sequence for item in received] == [1]
    assert [(one.reason, one.device_code) for one in refused] == [("internal: OverflowError", cast.helmet.code)]
    assert "int too large to convert to float" in caplog.text and "Traceback" in caplog.text


def test_what_fails_beside_others_is_found_by_halves(cast, monkeypatch):
    whole = reading.place

    def failing(messages, *arguments, **named):
        if any(message.sequence == 3 for message in messages):
            raise FloatingPointError("overflow")
        return whole(messages, *arguments, **named)

    monkeypatch.setattr(reading, "place", failing)
    received, refused = read_arrivals([said(cast, seq) for seq in range(1, 6)], Directory(time.monotonic))
    assert [item.message.sequence for item in received] == [1, 2, 4, 5]
    assert [one.reason for one in refused] == ["internal: FloatingPointError"]


def test_a_database_that_is_away_is_no_fault_of_a_message(cast, monkeypatch):
    def away(payload, sender):
        raise OperationalError("the connection is closed")

    monkeypatch.setitem(reading.DECODERS, "positions", away)
    with pytest.raises(OperationalError):
        read_arrivals([said(cast, 1)], Directory(time.monotonic))


def test_a_reason_with_half_a_surrogate_pair_or_a_nul_is_kept(cast):
    received, refused = read_arrivals([said(cast, 1, **{"\ud800\0": 1}), said(cast, 2)], Directory(time.monotonic))
    book = RefusalBook(time.monotonic)
    book.note(refused[0])
    book.flush()
    assert RefusedMessage.objects.get().reason == "??: is not a field of version 1"
    assert [item.message.sequence for item in received] == [2]


def test_a_service_asked_for_more_codes_than_it_remembers_answers_for_the_known_ones(cast, monkeypatch):
    monkeypatch.setattr(remembered, "MOST_HELD", 3)
    directory = Directory(time.monotonic)
    assert set(directory.devices([cast.helmet.code, "X-1", "X-2", "X-3"])) == {cast.helmet.code}


def test_parts_of_others_by_a_helmet_are_refused_without_looking_them_up(cast, django_assert_num_queries):
    directory = Directory(time.monotonic)
    read_arrivals([said(cast, 1)], directory)
    parts = [{"device": f"X-{number}", "battery": 5} for number in range(500)]
    body = {"v": 1, "boot": "beadbead", "seq": 2, "parts": parts}
    arrival = replace(said(cast, 2), payload=json.dumps(body).encode())
    with django_assert_num_queries(0):
        received, refused = read_arrivals([arrival], directory)
    assert (received, [one.sequence for one in refused]) == ([], [2])
    assert "only a gateway or terminal speaks for others" in refused[0].reason


@pytest.mark.django_db(transaction=True)
def test_a_number_of_400_digits_is_refused_and_the_next_message_taken(services, live_cast, helmet):
    now = timezone.now()
    for seq, value in ((1, 10**400), (2, 7.5)):
        time_ms = int((now - timedelta(seconds=1)).timestamp() * 1000)
        helmet.publish(
            {"v": 1, "boot": "beadbead", "seq": seq, "readings": [{"q": "wind_speed", "t": time_ms, "value": value}]}
        )
    answers = [helmet.answer(), helmet.answer()]
    assert [(one["seq"], "refused" in one) for one in answers] == [(1, True), (2, False)]
    assert answers[0]["refused"] == "readings[0].value: must be a number from -1e+12 to 1e+12"


@pytest.mark.django_db(transaction=True)
def test_a_part_that_is_left_out_is_kept_as_refused_while_messages_come_without_a_pause(services, live_cast, helmet):
    numbers = count()

    def kept() -> bool:
        parts = [{"device": code, "battery": 80} for code in (live_cast.helmet.code, "X-1")]
        helmet.publish({"v": 1, "boot": "beadbead", "seq": next(numbers), "parts": parts})
        return RefusedMessage.objects.filter(device_code=live_cast.helmet.code).exists()

    assert wait_until(kept, 10)
    assert "only a gateway or terminal speaks for others" in RefusedMessage.objects.first().reason
    sent = next(numbers)  # all of them are written before the tables are emptied, which would end the service
    assert wait_until(lambda: sum(row.repeats + 1 for row in RefusedMessage.objects.all()) == sent, 20)
