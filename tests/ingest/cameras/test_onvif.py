"""A camera is asked for its pictures over real HTTP; every refusal says what is wrong."""

from __future__ import annotations

import base64
import socket
from datetime import UTC, datetime, timedelta

import pytest

from ingest.cameras.onvif import (
    LARGEST_ANSWER,
    Account,
    Picture,
    ask_pictures,
    read_envelope,
    read_service_address,
    username_token,
)
from spatial.cameras.rules import CameraRefused
from tests.ingest.cameras.onvif_camera import OnvifCamera, Plan

GOOD = Account("onvif", "s3cret&<>")


def now() -> datetime:
    return datetime.now(UTC)


def ask(camera: OnvifCamera, account: Account = GOOD, host: str = "127.0.0.1") -> list[Picture]:
    return ask_pictures(read_service_address(f"{host}:{camera.port}"), account, now=now, own_ports=[camera.port])


def refusal(camera: OnvifCamera, account: Account = GOOD) -> str:
    with pytest.raises(CameraRefused) as refused:
        ask(camera, account)
    return refused.value.code


def test_a_camera_tells_its_pictures_those_that_browsers_play_first_at_the_host_that_was_asked() -> None:
    plan = Plan()
    with OnvifCamera(plan) as camera:
        found = ask(camera)
    assert found == [
        Picture("子码流", "H264", 704, 576, "rtsp://127.0.0.1:554/sub?channel=1"),
        Picture("主码流", "H265", 2560, 1440, "rtsp://127.0.0.1:554/main"),
    ]
    assert [picture.plays for picture in found] == [True, False]
    assert plan.asked == [
        "/onvif/device_service GetSystemDateAndTime",
        "/onvif/device_service GetCapabilities",
        "/onvif/media_service GetProfiles",
        "/onvif/media_service GetStreamUri",
        "/onvif/media_service GetStreamUri",
    ]
    assert len(set(plan.tokens)) == 4  # no proof is used twice


def test_a_camera_whose_clock_is_wrong_by_hours_is_answered_in_its_own_time() -> None:
    with OnvifCamera(Plan(clock_ahead=timedelta(hours=-8))) as camera:
        assert len(ask(camera)) == 2


@pytest.mark.parametrize("account", [Account("onvif", "wrong"), Account("other", "s3cret&<>"), Account()])
def test_a_wrong_account_is_called_one(account: Account) -> None:
    with OnvifCamera(Plan()) as camera:
        assert refusal(camera, account) == "onvif_account"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<html>hello</html>", "not_onvif"),
        (b"{}", "not_onvif"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not_onvif"),
        (b"<a>" + b"x" * LARGEST_ANSWER, "not_onvif"),
    ],
)
def test_what_is_no_onvif_is_told_apart(raw: bytes, code: str) -> None:
    with OnvifCamera(Plan(raw=raw)) as camera:
        assert refusal(camera) == code


def test_no_media_service_no_profile_nobody_there_and_our_own_machine() -> None:
    with OnvifCamera(Plan(has_media=False)) as camera:
        assert refusal(camera) == "onvif_no_media"
    with OnvifCamera(Plan(profiles=[])) as camera:
        assert refusal(camera) == "onvif_no_picture"
    with OnvifCamera(Plan(profiles=[("t", "n", "H264", 1, 1, "http://10.9.9.9/file")])) as camera:
        assert refusal(camera) == "scheme"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(CameraRefused) as refused:
            ask_pictures(read_service_address(f"127.0.0.1:{port}"), GOOD, now=now, own_ports=[port])
        assert refused.value.code == "unreachable"
        with pytest.raises(CameraRefused) as refused:
            ask_pictures(read_service_address(f"127.0.0.1:{port}"), GOOD, now=now)
        assert refused.value.code == "forbidden_host"


def test_another_fault_of_the_camera_is_told_in_its_own_words() -> None:
    fault = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Receiver'
        b'</s:Value></s:Code><s:Reason><s:Text xml:lang="en">Busy</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>'
    )
    with pytest.raises(CameraRefused, match="Busy") as refused:
        read_envelope(fault)
    assert refused.value.code == "onvif_fault"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("192.168.1.20", "http://192.168.1.20:80/onvif/device_service"),
        (" cam-7.site.local:8080 ", "http://cam-7.site.local:8080/onvif/device_service"),
        ("https://192.168.1.20/", "https://192.168.1.20:443/onvif/device_service"),
        ("http://[fd00::1]:81/onvif/other", "http://[fd00::1]:81/onvif/other"),
    ],
)
def test_a_service_may_be_given_as_a_host_alone(text: str, told: str) -> None:
    assert read_service_address(text).text == told


@pytest.mark.parametrize(
    "text", ["", "ftp://a", "http://u:p@a", "http://a/?x=1", "a b", "a:0", "a:99999", "http://a/'"]
)
def test_other_services_are_refused(text: str) -> None:
    with pytest.raises(CameraRefused) as refused:
        read_service_address(text)
    assert refused.value.code == "onvif_address"


def test_the_token_is_the_digest_of_the_profiles_own_example() -> None:
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")  # ONVIF Programmer's Guide, 6.1.1.3
    token = username_token(Account("user", "userpassword"), nonce, datetime(2010, 9, 16, 7, 50, 45, tzinfo=UTC))
    assert "<wsu:Created>2010-09-16T07:50:45Z</wsu:Created>" in token
    assert ">tuOSpGlFlIXsozq4HFNeeGeFLEI=</wsse:Password>" in token
