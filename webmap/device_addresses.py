"""Where a device connects: the address that is right for who reads it, for the broker and for JT/T 808."""

from __future__ import annotations

from django.conf import settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def broker_address(seen_host: str) -> str:
    """Return the broker's address; `seen_host` is the name by which the reader's browser reaches this machine.

    With TLS where that door is open, plainly where only that one is, and this machine's own address where none is.
    """
    if settings.TWINWALL_MQTT_TLS_PORT:
        return f"mqtts://{_host(seen_host)}:{settings.TWINWALL_MQTT_TLS_PORT}"
    if settings.TWINWALL_MQTT_OPEN_PORT:
        return f"mqtt://{_host(seen_host)}:{settings.TWINWALL_MQTT_OPEN_PORT}"
    return f"mqtt://{settings.TWINWALL_MQTT_HOST}:{settings.TWINWALL_MQTT_PORT}"


def is_closed_to_the_network() -> bool:
    """Return whether only devices on this machine reach the broker."""
    return not (settings.TWINWALL_MQTT_TLS_PORT or settings.TWINWALL_MQTT_OPEN_PORT)


def terminal_address(seen_host: str) -> str:
    """Return the address of the listener for JT/T 808."""
    listening = settings.TWINWALL_JT808_HOST
    host = listening if listening in LOOPBACK else seen_host
    return f"{_host(host)}:{settings.TWINWALL_JT808_PORT}"


def _host(name: str) -> str:
    """Return a host for an address: without its port, IPv6 in brackets."""
    bare = name.rpartition(":")[0] if name.count(":") == 1 or "]:" in name else name
    return f"[{bare}]" if ":" in bare and not bare.startswith("[") else bare
