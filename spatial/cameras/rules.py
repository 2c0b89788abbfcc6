"""Which addresses a camera may have, and what its view can be. Pure: names are resolved by the caller."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"rtsp": 554, "rtsps": 322}
LONGEST = 500
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
# What a path and query of a camera's address are made of; no quote, space, backslash, pipe or control character.
_TAIL = re.compile(r"[A-Za-z0-9\-._~!$&()*+,;=:@/?%]*")


class CameraRefused(ValueError):
    """A camera cannot be kept or asked like this; `code` names the sentence, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a camera's address; the credential that stood in it is apart."""

    scheme: str
    host: str
    port: int
    tail: str
    username: str = ""
    password: str = ""

    @property
    def text(self) -> str:
        """Return the address without any credential."""
        return self.at(self.host)

    def at(self, host: str) -> str:
        """Return the address at another name or number of the same host, without any credential."""
        shown = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{shown}:{self.port}{self.tail}"


def read_address(text: str) -> Address:
    """This function will read an address. Raises CameraRefused for whatever is not plainly rtsp or rtsps."""
    text = text.strip()
    if not text.isprintable():
        raise CameraRefused("address", "The address cannot be read; write rtsp://192.168.1.20:554/path.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise CameraRefused("address", "The address cannot be read; write rtsp://192.168.1.20:554/path.") from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise CameraRefused("scheme", "Only rtsp:// and rtsps:// addresses are possible.")
    tail = parts.path + (f"?{parts.query}" if parts.query else "")
    host = parts.hostname or ""
    if len(text) > LONGEST or not _HOST.fullmatch(host) or parts.fragment or not _TAIL.fullmatch(tail) or port == 0:
        raise CameraRefused("address", "The address cannot be read; write rtsp://192.168.1.20:554/path.")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(scheme, host, port or PORTS[scheme], tail or "/", username, password)


def check_place_of_host(
    numbers: Collection[str], *, own: Collection[str], port: int, own_ports: Collection[int]
) -> str:
    """This function will return the number (IP address) of a camera's host that may be asked.

    Every number that the name stands for must be one that a camera can have: never this machine (`own`, loopback;
    except at `own_ports`), link-local, multicast or unspecified. Raises CameraRefused.
    """
    if not numbers:
        raise CameraRefused("unknown_host", "The camera's host name is not known here.")
    for number in numbers:
        address = ipaddress.ip_address(number.split("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        here = address.is_loopback or str(address) in own or number in own
        if here and port in own_ports:
            continue
        if here or address.is_unspecified or address.is_link_local or address.is_multicast or address.is_reserved:
            raise CameraRefused("forbidden_host", "This address is the server itself or cannot be a camera.")
    return next(iter(numbers))


def check_view(*, bearing_deg: float, tilt_deg: float, field_of_view_deg: float, range_m: float) -> None:
    """This function will refuse a view that no camera has. Raises CameraRefused."""
    if not 0 <= bearing_deg < 360:
        raise CameraRefused("bearing", "The bearing is between 0 and 359.9 degrees from north.")
    if not -90 <= tilt_deg <= 90:
        raise CameraRefused("tilt", "The tilt is between -90 (straight down) and 90 degrees.")
    if not 0 < field_of_view_deg <= 360:
        raise CameraRefused("field_of_view", "The field of view is more than 0 and at most 360 degrees.")
    if not 0 < range_m <= 2000:
        raise CameraRefused("range", "The range is more than 0 and at most 2000 m.")
