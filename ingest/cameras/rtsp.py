"""Asks a camera what it offers, before ffmpeg is started: so that an error says what is wrong and what to do."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass

from spatial.cameras.rules import Address, CameraRefused, check_place_of_host

TIMEOUT_S = 6.0
_LARGEST_ANSWER = 64 * 1024
_PLAYABLE = {"H264"}
_CHALLENGE = re.compile(r'(\w+)="?([^",]*)"?')


@dataclass(frozen=True, slots=True)
class Offer:
    """What a camera offers: its video codec, and the number of the host that answered."""

    codec: str
    number: str


def numbers_of(address: Address) -> list[str]:
    """Return the numbers that a host name stands for. Raises CameraRefused."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CameraRefused("unknown_host", "The camera's host name is not known here.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_own(number: str) -> bool:
    """Tell whether a number is one of this machine's own: only those can be bound."""
    family = socket.AF_INET6 if ":" in number else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((number, 0))
        except OSError:
            return False
        return True


def permitted_number(address: Address, own_ports: Collection[int]) -> str:
    """Return the number to connect to. Raises CameraRefused for hosts that cannot be a camera."""
    numbers = numbers_of(address)
    own = [number for number in numbers if is_own(number)]
    return check_place_of_host(numbers, own=own, port=address.port, own_ports=own_ports)


def describe(address: Address, username: str, password: str, *, own_ports: Collection[int] = ()) -> Offer:
    """This function will ask a camera what it offers. Raises CameraRefused with what is wrong."""
    number = permitted_number(address, own_ports)
    try:
        with _connected(address, number) as connection:
            status, headers, body = _ask(connection, address, 1, "")
            if status == 401 and username:
                proof = _proof(headers, address, username, password)
                status, headers, body = _ask(connection, address, 2, f"Authorization: {proof}\r\n")
    except (OSError, ssl.SSLError) as error:
        raise CameraRefused("unreachable", f"The camera does not answer: {error}.") from error
    if status in (401, 403):
        raise CameraRefused("wrong_password", "The camera refuses the account or its password.")
    if status == 404:
        raise CameraRefused("no_such_picture", "The camera has no picture under this path.")
    if status != 200:
        raise CameraRefused("not_rtsp", f"The camera answered with {status}.")
    codec = video_codec(body)
    if codec not in _PLAYABLE:
        raise CameraRefused("codec", codec or "?")
    return Offer(codec, number)


def video_codec(sdp: str) -> str:
    """Return the codec of the first video of a description, in capitals; empty where there is none."""
    video = sdp.partition("m=video")[2].partition("\nm=")[0]
    found = re.search(r"a=rtpmap:\d+ ([A-Za-z0-9.\-]+)/", video)
    if found:
        return found[1].upper()
    return "JPEG" if re.match(r" \d+ RTP/AVP 26\b", video) else ""


def _connected(address: Address, number: str) -> socket.socket:
    plain = socket.create_connection((number, address.port), timeout=TIMEOUT_S)
    if address.scheme == "rtsp":
        return plain
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # cameras sign their own certificates
    return context.wrap_socket(plain, server_hostname=address.host)


def _ask(connection: socket.socket, address: Address, number: int, more: str) -> tuple[int, str, str]:
    request = f"DESCRIBE {address.text} RTSP/1.0\r\nCSeq: {number}\r\nAccept: application/sdp\r\n{more}\r\n"
    connection.sendall(request.encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection, data)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    while len(body) < (min(int(length[1]), _LARGEST_ANSWER) if length else 0):
        body += _more(connection, body)
    status = re.match(rb"RTSP/1\.\d (\d{3})", head)
    if not status:
        raise CameraRefused("not_rtsp", "What answers there is not a camera that speaks RTSP.")
    return int(status[1]), head.decode("latin-1"), body.decode("utf-8", "replace")


def _more(connection: socket.socket, held: bytes) -> bytes:
    piece = connection.recv(4096)
    if not piece or len(held) > _LARGEST_ANSWER:
        raise CameraRefused("not_rtsp", "What answers there is not a camera that speaks RTSP.")
    return piece


def _proof(headers: str, address: Address, username: str, password: str) -> str:
    """Return the Authorization of a challenge: digest where it is offered, else basic."""
    digest = re.search(r"(?im)^www-authenticate:\s*digest (.*)$", headers)
    if not digest:
        return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
    given = dict(_CHALLENGE.findall(digest[1]))
    realm, nonce = given.get("realm", ""), given.get("nonce", "")

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    answer = md5(f"{md5(f'{username}:{realm}:{password}')}:{nonce}:{md5(f'DESCRIBE:{address.text}')}")
    return f'Digest username="{username}", realm="{realm}", nonce="{nonce}", uri="{address.text}", response="{answer}"'
