"""A simulated camera: a small RTSP server over TCP that serves a test picture made by ffmpeg while somebody watches.

It speaks what ffmpeg's client needs: OPTIONS, DESCRIBE, SETUP (interleaved), PLAY, TEARDOWN, with Digest if it has an
account. For the demo and for tests; nothing runs while nobody watches.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import socketserver
import subprocess
import threading
from dataclasses import dataclass
from typing import Any

REALM = "twinwall"


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """What a simulated camera shows; `codec` h264, or hevc to be refused by browsers."""

    path: str = "/live"
    username: str = ""
    password: str = ""
    size: str = "640x360"
    rate: int = 10
    title: str = "CAM"
    codec: str = "h264"


def sdp_of(codec: str) -> str:
    """Return the description of the only video."""
    name, more = ("H265", "") if codec == "hevc" else ("H264", "a=fmtp:96 packetization-mode=1\r\n")
    return (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\n"
        f"a=rtpmap:96 {name}/90000\r\n{more}a=control:track1\r\n"
    )


def picture_arguments(plan: CameraPlan, port: int) -> list[str]:
    """Return the words of the ffmpeg that makes the picture and sends it as RTP to a port of this machine."""
    source = f"testsrc2=size={plan.size}:rate={plan.rate}"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]
    encode += ["-g", str(plan.rate), "-bsf:v", "dump_extra=freq=keyframe"]
    target = f"rtp://127.0.0.1:{port}?pkt_size=1200"
    return [
        "ffmpeg",
        "-nostdin",
        "-loglevel",
        "error",
        "-re",
        "-f",
        "lavfi",
        "-i",
        source,
        *encode,
        "-f",
        "rtp",
        target,
    ]


class _Session(socketserver.StreamRequestHandler):
    server: SimulatedCamera
    timeout = 30

    def handle(self) -> None:
        self.nonce = secrets.token_hex(8)
        while (request := self._read()) is not None:
            method, uri, headers = request
            if method != "OPTIONS" and not self._may(method, headers):
                self._answer(headers, 401, f'WWW-Authenticate: Digest realm="{REALM}", nonce="{self.nonce}"\r\n')
            elif self.server.plan.path not in uri:
                self._answer(headers, 404)
            elif method == "DESCRIBE":
                self._answer(headers, 200, "Content-Type: application/sdp\r\n", sdp_of(self.server.plan.codec))
            elif method == "SETUP":
                self._answer(headers, 200, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n")
            elif method == "PLAY":
                self._answer(headers, 200, "Session: 1\r\n")
                self._play()
                return
            else:
                self._answer(headers, 200, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n")

    def _read(self) -> tuple[str, str, dict[str, str]] | None:
        first = self.rfile.readline(4096).decode("latin-1").split()
        if len(first) != 3:
            return None
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(4096).decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return first[0], first[1], headers

    def _answer(self, headers: dict[str, str], status: int, more: str = "", body: str = "") -> None:
        words = {200: "OK", 401: "Unauthorized", 404: "Not Found"}[status]
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.wfile.write(
            f"RTSP/1.0 {status} {words}\r\nCSeq: {headers.get('cseq', '0')}\r\n{more}{length}\r\n{body}".encode()
        )

    def _may(self, method: str, headers: dict[str, str]) -> bool:
        plan = self.server.plan
        if not plan.username:
            return True
        given = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("authorization", "")))

        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        secret = md5(f"{plan.username}:{REALM}:{plan.password}")
        asked = md5(f"{method}:{given.get('uri', '')}")
        return given.get("response") == md5(f"{secret}:{self.nonce}:{asked}")

    def _play(self) -> None:
        """Send the picture until the watcher goes away."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inbox:
            inbox.bind(("127.0.0.1", 0))
            inbox.settimeout(5)
            picture = subprocess.Popen(
                picture_arguments(self.server.plan, inbox.getsockname()[1]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            self.server.watched(+1)
            try:
                while True:
                    packet = inbox.recv(2048)
                    self.connection.sendall(b"$\x00" + len(packet).to_bytes(2, "big") + packet)
            except OSError:
                return
            finally:
                picture.kill()
                picture.wait()
                self.server.watched(-1)


class SimulatedCamera(socketserver.ThreadingTCPServer):
    """Serves a camera's picture at rtsp://127.0.0.1:port/path from a thread of its own."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, plan: CameraPlan, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.plan = plan
        self.watchers = 0
        self._change = threading.Condition()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}{self.plan.path}"

    def watched(self, by: int) -> None:
        """Note that a watcher came or went."""
        with self._change:
            self.watchers += by
            self._change.notify_all()

    def wait_for_watchers(self, count: int, timeout_s: float) -> bool:
        """Wait until so many watch."""
        with self._change:
            return self._change.wait_for(lambda: self.watchers == count, timeout_s)

    def start(self) -> SimulatedCamera:
        """Serve from now on."""
        threading.Thread(target=self.serve_forever, name=f"camera {self.port}", daemon=True).start()
        return self

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A watcher that goes away is no error."""
