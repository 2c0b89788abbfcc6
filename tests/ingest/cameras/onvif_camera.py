"""A camera that speaks ONVIF over HTTP: its clock, capabilities, profiles and stream addresses, with WS-UsernameToken.

Written from the ONVIF core and media specifications, not from our client: it parses what it is asked and judges the
token by itself.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.etree import ElementTree

TDS, TRT, TT = (f"http://www.onvif.org/ver10/{name}" for name in ("device/wsdl", "media/wsdl", "schema"))
SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
CLOCK_TOLERANCE = timedelta(seconds=30)


@dataclass
class Plan:
    """What the camera is: account, how wrong its clock is, profiles as (token, name, codec, width, height, address)."""

    username: str = "onvif"
    password: str = "s3cret&<>"
    clock_ahead: timedelta = timedelta(0)
    profiles: list[tuple[str, str, str, int, int, str]] = field(
        default_factory=lambda: [
            ("main", "主码流", "H265", 2560, 1440, "rtsp://10.9.9.9:554/main"),
            ("sub", "子码流", "H264", 704, 576, "rtsp://10.9.9.9:554/sub?channel=1"),
        ]
    )
    has_media: bool = True
    raw: bytes | None = None
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


class OnvifCamera(ThreadingHTTPServer):
    """Serves until `shutdown`."""

    daemon_threads = True

    def __init__(self, plan: Plan) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plan = plan

    def __enter__(self) -> OnvifCamera:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self.server_close()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def clock(self) -> datetime:
        return datetime.now(UTC) + self.plan.clock_ahead

    def is_authorised(self, header: ElementTree.Element | None) -> bool:
        """Judge a token as the profile says: digest of nonce, time and password, and a time near the camera's own."""
        token = header.find(f".//{{{WSSE}}}UsernameToken") if header is not None else None
        if token is None:
            return False
        told = {name: token.findtext(f"{{{WSSE}}}{name}") or "" for name in ("Username", "Password", "Nonce")}
        created = token.findtext(f"{{{WSU}}}Created") or ""
        raw = base64.b64decode(told["Nonce"]) + created.encode() + self.plan.password.encode()
        good = base64.b64encode(hashlib.sha1(raw).digest()).decode()
        near = abs(datetime.fromisoformat(created) - self.clock) <= CLOCK_TOLERANCE
        fresh = told["Nonce"] not in self.plan.tokens
        self.plan.tokens.append(told["Nonce"])
        return told["Username"] == self.plan.username and told["Password"] == good and near and fresh


class _Handler(BaseHTTPRequestHandler):
    server: OnvifCamera

    def do_POST(self) -> None:
        plan = self.server.plan
        content = self.rfile.read(int(self.headers["Content-Length"]))
        envelope = ElementTree.fromstring(content)
        (asked,) = envelope.find(f"{{{SOAP}}}Body") or [None]
        name = asked.tag.split("}")[1] if asked is not None else ""
        plan.asked.append(f"{self.path} {name}")
        if plan.raw is not None:
            return self._send(200, plan.raw)
        if name != "GetSystemDateAndTime" and not self.server.is_authorised(envelope.find(f"{{{SOAP}}}Header")):
            return self._fault("ter:NotAuthorized", "Sender not Authorized")
        self._send(200, _soap(getattr(self, f"_{name}")(asked)))
        return None

    def _GetSystemDateAndTime(self, _: Any) -> str:
        at = self.server.clock
        time = f"<tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second>"
        date = f"<tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day>"
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            f"<tt:UTCDateTime><tt:Time>{time}</tt:Time><tt:Date>{date}</tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _GetCapabilities(self, _: Any) -> str:
        media = "<tt:Media><tt:XAddr>http://10.9.9.9/onvif/media_service</tt:XAddr></tt:Media>"
        held = media if self.server.plan.has_media else ""
        return f"<tds:GetCapabilitiesResponse><tds:Capabilities>{held}</tds:Capabilities></tds:GetCapabilitiesResponse>"

    def _GetProfiles(self, _: Any) -> str:
        rows = "".join(
            f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{name}</tt:Name><tt:VideoEncoderConfiguration '
            f'token="e"><tt:Encoding>{codec}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width>'
            f"<tt:Height>{height}</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>"
            for token, name, codec, width, height, _uri in self.server.plan.profiles
        )
        return f"<trt:GetProfilesResponse>{rows}</trt:GetProfilesResponse>"

    def _GetStreamUri(self, asked: ElementTree.Element) -> str:
        token = asked.findtext(f"{{{TRT}}}ProfileToken")
        protocol = asked.findtext(f"{{{TRT}}}StreamSetup/{{{TT}}}Transport/{{{TT}}}Protocol")
        stream = asked.findtext(f"{{{TRT}}}StreamSetup/{{{TT}}}Stream")
        assert (protocol, stream) == ("RTSP", "RTP-Unicast")
        (uri,) = [row[5] for row in self.server.plan.profiles if row[0] == token]
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def _fault(self, subcode: str, text: str) -> None:
        body = (
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>"
            f"<s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
            f'<s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault>'
        )
        self._send(400, _soap(body))

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _soap(body: str) -> bytes:
    names = f'xmlns:s="{SOAP}" xmlns:tds="{TDS}" xmlns:trt="{TRT}" xmlns:tt="{TT}" xmlns:ter="http://www.onvif.org/ver10/error"'
    return f'<?xml version="1.0"?><s:Envelope {names}><s:Body>{body}</s:Body></s:Envelope>'.encode()
