"""Messages by HTTP with a device's own credential, and files of held-back fixes, whole or not at all."""

import base64
import json
import threading
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from ingest import posted
from ingest.decoders.binary_writing import encode_binary
from ingest.decoders.messages_json import decode_json
from ingest.directory import Directory
from spatial.alarms.models import Alarm
from spatial.devices.models import RefusedMessage
from spatial.tracks.models import LatestPosition, Message, Position
from tests.ingest.cast import Cast, build_cast

pytestmark = pytest.mark.django_db
MESSAGES, BACKFILL = "/api/v1/device/messages", "/api/v1/device/backfill"


def body_of(cast: Cast, seq: int, *fixes: dict) -> bytes:
    return json.dumps({"v": 1, "boot": "beefbeef", "seq": seq, "fixes": list(fixes)}).encode()


def post(cast: Cast, path: str, body: bytes, kind: str = "application/json", password: str | None = None):
    pair = f"{cast.helmet.code}:{cast.password if password is None else password}".encode()
    headers = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(pair).decode()}
    return Client(enforce_csrf_checks=True).post(path, body, content_type=kind, **headers)


def ago(cast: Cast, seconds: float, east: float = -50.0, **fields) -> dict:
    return cast.fix(timezone.now() - timedelta(seconds=seconds), east, **fields)


def test_a_message_is_taken_once_and_a_second_one_is_told_a_duplicate(cast):
    body = body_of(cast, 7, ago(cast, 1))
    first = post(cast, MESSAGES, body)
    assert (first.status_code, first.json()["messages"]) == (
        200,
        [{"result": "taken", "boot": "beefbeef", "seq": 7, "refused": "", "left_out": []}],
    )
    assert post(cast, MESSAGES, body).json()["messages"][0]["result"] == "duplicate"
    assert (Message.objects.count(), Position.objects.count(), LatestPosition.objects.count()) == (1, 1, 1)


def test_lines_are_answered_one_by_one_and_what_is_refused_is_kept(cast):
    lines = [body_of(cast, 1, ago(cast, 2)), b"{oops", body_of(cast, 3, ago(cast, 1, lon=0))]
    answers = post(cast, MESSAGES, b"\n".join(lines), "application/x-ndjson").json()["messages"]
    assert [one["result"] for one in answers] == ["taken", "refused", "refused"]
    assert (answers[2]["seq"], answers[2]["refused"]) == (3, "fixes[0].lon: must be a number from 73 to 136")
    assert RefusedMessage.objects.filter(device_code=cast.helmet.code).count() == 2


def test_a_binary_batch_is_taken(cast):
    body = encode_binary(decode_json(body_of(cast, 1, ago(cast, 2), ago(cast, 1)), sender_code=cast.helmet.code))
    assert post(cast, MESSAGES, body, "application/octet-stream").json()["messages"][0]["result"] == "taken"
    assert Position.objects.count() == 2


def test_without_its_own_password_a_device_is_not_heard(cast):
    assert post(cast, MESSAGES, body_of(cast, 1, ago(cast, 1)), password="wrong").status_code == 401
    assert Client().post(MESSAGES, b"{}", content_type="application/json").status_code == 401
    assert post(cast, MESSAGES, b"", "text/html").status_code == 415
    assert Position.objects.count() == 0


CSV_HEAD = "t,lon,lat,h,h_ref,acc,src,worn\n"


def rows(cast: Cast, count: int) -> list[dict]:
    return [ago(cast, 7200 - 2 * number) for number in range(count)]


def as_csv(fixes: list[dict]) -> str:
    lines = [f"{f['t']},{f['lon']},{f['lat']},{f['h']},{f['h_ref']},{f['acc']},{f['src']},true\n" for f in fixes]
    return CSV_HEAD + "".join(lines)


@pytest.mark.parametrize("kind", ["text/csv", "application/x-ndjson", "application/octet-stream"])
def test_a_file_is_taken_once(cast, kind):
    fixes = rows(cast, 2500)
    if kind == "text/csv":
        content = as_csv(fixes).encode()
    elif kind == "application/x-ndjson":
        content = "\n".join(json.dumps(fix) for fix in fixes).encode()
    else:
        pieces = [body_of(cast, number, *fixes[number * 250 : number * 250 + 250]) for number in range(10)]
        content = b"".join(encode_binary(decode_json(p, sender_code=cast.helmet.code)) for p in pieces)
    assert post(cast, BACKFILL, content, kind).json() == {"taken": 2500, "duplicate": 0}
    assert post(cast, BACKFILL, content, kind).json() == {"taken": 0, "duplicate": 2500}
    assert Position.objects.count() == 2500


def test_a_file_may_have_64_mib_and_no_more_whatever_the_limit_of_forms_is(cast):
    line = json.dumps(rows(cast, 1)[0]).encode()
    blank = b" " * (25 * 1024 * 1024) + b"\n"
    assert post(cast, BACKFILL, blank + line, "application/x-ndjson").json() == {"taken": 1, "duplicate": 0}
    answer = post(cast, BACKFILL, b" " * (64 * 1024 * 1024 + 1), "application/x-ndjson")
    assert (answer.status_code, answer.json()["detail"]) == (413, "The file is larger than 64 MiB; cut it.")
    answer = post(cast, MESSAGES, b" " * (20 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["detail"]) == (413, "More than 20 MiB; send fewer at once.")
    assert Position.objects.count() == 1


class Between:
    """Does something after the first piece of a file was stored."""

    def __init__(self, monkeypatch, work) -> None:
        self._store, self._work, self.pieces = posted.store, work, 0
        monkeypatch.setattr(posted, "store", self)

    def __call__(self, works, now):
        self.pieces += 1
        if self.pieces == 2:
            self._work()
        return self._store(works, now)


@pytest.mark.django_db(transaction=True)
def test_a_call_for_help_of_another_site_does_not_wait_for_a_file(services, live_cast, monkeypatch):
    second = build_cast(timezone.now())
    signal = {"kind": "sos", "t": int(timezone.now().timestamp() * 1000)}
    body = json.dumps({"v": 1, "boot": "beefbeef", "seq": 1, "signals": [signal]}).encode()

    def call_for_help() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        sender = Directory(time.monotonic).devices([second.helmet.code])[second.helmet.code]
        answers.extend(posted.take_messages(sender=sender, kind="messages", payloads=[body], now=timezone.now()))
        connection.close()

    def beside() -> None:
        thread = threading.Thread(target=call_for_help)
        thread.start()
        thread.join(30)

    answers: list = []
    between = Between(monkeypatch, beside)
    # 7000 fixes of two hours ago: outside, then into the pit, which raises a late alarm in the first piece
    fixes = [ago(live_cast, 7200 - 0.5 * n, 5.0 if 10 < n < 40 else -50.0) for n in range(7000)]
    answer = post_as(live_cast, as_csv(fixes).encode())
    assert answer.json() == {"taken": 7000, "duplicate": 0}
    assert [one.result for one in answers] == ["taken"]
    assert Alarm.objects.filter(site=second.site, late=False).count() == 1
    assert Alarm.objects.filter(site=live_cast.site, late=True).exists()
    assert between.pieces >= 2


@pytest.mark.django_db(transaction=True)
def test_a_file_that_broke_off_is_sent_again_and_takes_what_was_missing(services, live_cast, monkeypatch):
    def dies() -> None:
        raise OperationalError("the connection is closed")

    content = as_csv([ago(live_cast, 7200 - 0.5 * n) for n in range(7000)]).encode()
    with monkeypatch.context() as once:
        Between(once, dies)
        answer = post_as(live_cast, content)
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The database is away. 6000 fixes of the file are stored; send the same")
    assert Position.objects.count() == 6000
    assert post_as(live_cast, content).json() == {"taken": 1000, "duplicate": 6000}
    assert Position.objects.count() == 7000


def post_as(cast: Cast, content: bytes):
    return post(cast, BACKFILL, content, "text/csv")


def test_a_file_with_wrong_lines_names_them_all_and_leaves_nothing(cast, tmp_path):
    fixes = rows(cast, 4)
    lines = as_csv(fixes).splitlines(keepends=True)
    lines[2] = lines[2].replace("UWB", "GPS")
    lines[4] = lines[4].replace(str(fixes[3]["t"]), "yesterday")
    answer = post(cast, BACKFILL, "".join(lines).encode(), "text/csv")
    assert answer.status_code == 422
    assert answer.json()["faults"] == [
        {"line": 3, "reason": "src: must be one of GNSS, UWB, BLE, manual"},
        {"line": 5, "reason": "t: 'yesterday' is neither milliseconds since 1970 nor ISO 8601"},
    ]
    file = tmp_path / "held.csv"
    file.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(CommandError, match=r"held\.csv:3: src"):
        call_command("backfill_positions", cast.helmet.code, str(file))
    assert (Position.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"t", "the header lacks acc, h_ref, lat, lon, src"),
        (CSV_HEAD.encode(), "the file has no fix"),
        (CSV_HEAD.encode() + b"\xff\xff", "is not UTF-8; save the file as UTF-8"),
        (CSV_HEAD.encode() + b"2026-01-01T08:00:00,1,2,3,yellow_sea,1,UWB,1\n",
         "t: '2026-01-01T08:00:00' has no offset; write 2026-03-01T09:00:00+08:00"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_what_to_do(cast, content, reason):
    answer = post(cast, BACKFILL, content, "text/csv")
    assert answer.json()["faults"][0]["reason"] == reason


def test_the_command_takes_a_file(cast, tmp_path, capsys):
    file = tmp_path / "held.csv"
    file.write_text(as_csv(rows(cast, 3)), encoding="utf-8")
    call_command("backfill_positions", cast.helmet.code, str(file), "--crs", "WGS84")
    assert capsys.readouterr().out == "3 fixes taken, 0 were there already.\n"
    with pytest.raises(CommandError, match="not the code of a device"):
        call_command("backfill_positions", "H-nobody", str(file))
