"""Asks a camera for the addresses of its pictures, by ONVIF (SOAP 1.2 over HTTP with WS-UsernameToken).

Four questions: the camera's clock (a proof with a wrong time is refused), where its media service is, which profiles
it has, and the address of each. Only the host that was given is asked, by the number that was checked: what the
camera says of other hosts is not followed.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import ssl
import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ingest.cameras.rtsp import permitted_number
from spatial.cameras.rules import Address, CameraRefused, read_address

TIMEOUT_S = 6.0
LARGEST_ANSWER = 256 * 1024
MOST_PROFILES = 12
SERVICE = "/onvif/device_service"
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_DEVICE, _MEDIA = "http://www.onvif.org/ver10/device/wsdl", "http://www.onvif.org/ver10/media/wsdl"
_SCHEMA = "http://www.onvif.org/ver10/schema"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a camera offers: its profile, codec, size, and RTSP address without a credential."""

    name: str
    codec: str
    width: int
    height: int
    address: str

    @property
    def plays(self) -> bool:
        """Whether browsers can play it without changing it."""
        return self.codec == "H264"


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks; the password lives in memory only."""

    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Account({self.username!r})"


def read_service_address(text: str) -> Address:
    """This function will read where a camera's ONVIF service is: a host, a host with port, or an http(s) address.

    Raises CameraRefused.
    """
    text = text.strip()
    wrong = CameraRefused("onvif_address", "Write the camera's host, like 192.168.1.20 or http://192.168.1.20:8080.")
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError as error:
        raise wrong from error
    host, path = parts.hostname or "", parts.path
    fits = text.isprintable() and len(text) <= 300 and _HOST.fullmatch(host) and re.fullmatch(r"[\w\-./]*", path)
    if parts.scheme not in _PORTS or not fits or parts.username or parts.query or parts.fragment or port == 0:
        raise wrong
    tail = path if path.strip("/") else SERVICE
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], tail)


def ask_pictures(
    address: Address, account: Account, *, now: Callable[[], datetime], own_ports: Collection[int] = ()
) -> list[Picture]:
    """This function will return the pictures that a camera offers, those that browsers can play first.

    Raises CameraRefused with what is wrong.
    """
    number = permitted_number(address, own_ports)
    camera = _Camera(address, number, account, now)
    media = camera.media_path()
    pictures = [camera.picture(media, profile) for profile in camera.profiles(media)[:MOST_PROFILES]]
    if not pictures:
        raise CameraRefused("onvif_no_picture", "The camera answers but offers no picture.")
    return sorted(pictures, key=lambda picture: (not picture.plays, -picture.width * picture.height, picture.name))


def username_token(account: Account, nonce: bytes, created: datetime) -> str:
    """Return the WS-UsernameToken header: the digest is of nonce, time and password (OASIS profile 1.0)."""
    at = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha1(nonce + at.encode() + account.password.encode(), usedforsecurity=False).digest()
    return (
        f'<wsse:Security xmlns:wsse="{_WSSE}" xmlns:wsu="{_WSU}" s:mustUnderstand="1"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(account.username)}</wsse:Username>"
        f'<wsse:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</wsse:Password>'
        f"<wsse:Nonce>{base64.b64encode(nonce).decode()}</wsse:Nonce><wsu:Created>{at}</wsu:Created>"
        "</wsse:UsernameToken></wsse:Security>"
    )


def read_envelope(content: bytes) -> ElementTree.Element:
    """Return the body of a SOAP answer. Raises CameraRefused for a fault, or for what is no SOAP.

    A document type is refused: with it a hostile answer could grow beyond all memory.
    """
    not_onvif = CameraRefused("not_onvif", "Something answers there, but it does not speak ONVIF.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise not_onvif
    try:
        body = ElementTree.fromstring(content).find(f"{{{_ENVELOPE}}}Body")
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise not_onvif from error
    if body is None:
        raise not_onvif
    fault = body.find(f"{{{_ENVELOPE}}}Fault")
    if fault is None:
        return body
    codes = " ".join((value.text or "") for value in fault.iter(f"{{{_ENVELOPE}}}Value"))
    if "NotAuthorized" in codes or "FailedAuthentication" in codes:
        raise CameraRefused("onvif_account", "The camera refuses the account or its password for ONVIF.")
    said = " ".join((text.text or "").strip() for text in fault.iter(f"{{{_ENVELOPE}}}Text"))[:200]
    raise CameraRefused("onvif_fault", said or codes or "?")


class _Camera:
    def __init__(self, address: Address, number: str, account: Account, now: Callable[[], datetime]) -> None:
        self._address, self._number, self._account, self._now = address, number, account, now
        self._ahead = timedelta(0)

    def media_path(self) -> str:
        """Return the path of the media service; the camera's clock is learnt first."""
        path = self._address.tail
        told = self._ask(path, f'<GetSystemDateAndTime xmlns="{_DEVICE}"/>', proven=False)
        self._ahead = _clock(told, self._now()) - self._now()
        asked = f'<GetCapabilities xmlns="{_DEVICE}"><Category>Media</Category></GetCapabilities>'
        found = self._ask(path, asked).find(f".//{{{_SCHEMA}}}Media/{{{_SCHEMA}}}XAddr")
        if found is None or not found.text:
            raise CameraRefused("onvif_no_media", "The camera has no ONVIF media service.")
        return urlsplit(found.text.strip()).path or "/"

    def profiles(self, media: str) -> list[Picture]:
        """Return the profiles with a picture; `address` holds the profile's token still."""
        answer = self._ask(media, f'<GetProfiles xmlns="{_MEDIA}"/>')
        found = []
        for profile in answer.iter(f"{{{_MEDIA}}}Profiles"):
            video = profile.find(f"{{{_SCHEMA}}}VideoEncoderConfiguration")
            token = profile.get("token", "")
            if video is None or not token:
                continue
            size = [
                _whole(video.findtext(f"{{{_SCHEMA}}}Resolution/{{{_SCHEMA}}}{side}")) for side in ("Width", "Height")
            ]
            codec = (video.findtext(f"{{{_SCHEMA}}}Encoding") or "?").strip().upper()
            name = (profile.findtext(f"{{{_SCHEMA}}}Name") or token).strip()[:80]
            found.append(Picture(name, codec[:20], size[0], size[1], token))
        return found

    def picture(self, media: str, profile: Picture) -> Picture:
        """Return a profile with the address of its picture, at the host that was asked."""
        asked = (
            f'<GetStreamUri xmlns="{_MEDIA}"><StreamSetup><Stream xmlns="{_SCHEMA}">RTP-Unicast</Stream>'
            f'<Transport xmlns="{_SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
            f"<ProfileToken>{escape(profile.address)}</ProfileToken></GetStreamUri>"
        )
        found = self._ask(media, asked).find(f".//{{{_MEDIA}}}MediaUri/{{{_SCHEMA}}}Uri")
        told = read_address((found.text or "") if found is not None else "")
        return replace(profile, address=told.at(self._address.host))

    def _ask(self, path: str, body: str, *, proven: bool = True) -> ElementTree.Element:
        header = ""
        if proven and self._account.username:
            header = f"<s:Header>{username_token(self._account, secrets.token_bytes(16), self._now() + self._ahead)}"
            header += "</s:Header>"
        envelope = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_ENVELOPE}">{header}'
        envelope += f"<s:Body>{body}</s:Body></s:Envelope>"
        try:
            status, content = _post(self._address, self._number, path, envelope.encode())
        except HTTPException as error:
            raise CameraRefused("not_onvif", "Something answers there, but it does not speak ONVIF.") from error
        except OSError as error:
            raise CameraRefused("unreachable", f"The camera does not answer: {error}.") from error
        if status == 401:
            raise CameraRefused("onvif_account", "The camera refuses the account or its password for ONVIF.")
        return read_envelope(content)


def _post(address: Address, number: str, path: str, content: bytes) -> tuple[int, bytes]:
    """Return status and content of an answer, read within a time and a size. Raises OSError and HTTPException."""
    connection = HTTPConnection(number, address.port, timeout=TIMEOUT_S)
    if address.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # cameras sign their own certificates
        connection = HTTPSConnection(number, address.port, timeout=TIMEOUT_S, context=context)
    with closing(connection):
        head = {"Host": f"{address.host}:{address.port}", "Content-Type": "application/soap+xml; charset=utf-8"}
        connection.request("POST", path, content, head)
        answer, until, held = connection.getresponse(), time.monotonic() + TIMEOUT_S, bytearray()
        while piece := answer.read1(16 * 1024):
            held += piece
            if len(held) > LARGEST_ANSWER or time.monotonic() > until:
                raise HTTPException("an answer without end")
        return answer.status, bytes(held)


def _clock(answer: ElementTree.Element, otherwise: datetime) -> datetime:
    """Return the camera's UTC time; ours where it does not say."""
    utc = answer.find(f".//{{{_SCHEMA}}}UTCDateTime")
    if utc is None:
        return otherwise
    names = ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")
    parts = [_whole(utc.findtext("/".join(f"{{{_SCHEMA}}}{part}" for part in name.split("/")))) for name in names]
    try:
        year, month, day, hour, minute, second = parts
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return otherwise


def _whole(text: str | None) -> int:
    return int(text) if text and text.strip().isdecimal() and len(text) < 9 else 0
