"""What the listener asks the database: which terminal, whether its code is right, whether it may register."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections

from spatial.devices.models import Device
from spatial.devices.operations import keep_refused_message, register_terminal
from spatial.devices.queries import terminal
from spatial.devices.rules import is_password
from spatial.devices.sightings import Seen, note_sightings

_log = logging.getLogger(__name__)
T = TypeVar("T")


class RegistryAway(Exception):
    """The database is away: who the terminal is, and whether its code is right, is not known now."""


class TerminalRegistry:
    """Every call is made in the listener's one database thread.

    What decides on an answer to the terminal raises RegistryAway while the database is away; what only notes is lost.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def find(self, number: str) -> Device | None:
        """This function will return the terminal in use with this number. Raises RegistryAway."""
        return _answered(lambda: terminal(number))

    def register(self, device: Device) -> str | None:
        """This function will return a new authentication code when the terminal may register itself now. Raises
        RegistryAway."""
        return _answered(lambda: register_terminal(device=device, now=self._now()))

    def is_code(self, device: Device, code: str, software: str) -> bool:
        """This function will tell whether a code is the terminal's, and keep the software version that it told."""
        if not code or not device.credential_hash or not is_password(code, device.credential_hash):
            return False
        if software and software != device.firmware:
            _asked(lambda: Device.objects.filter(pk=device.pk).update(firmware=software[:60].replace("\0", "")))
        return True

    def credentials(self, codes: Iterable[str]) -> dict[str, str] | None:
        """This function will return the password hashes of the terminals in use among these; None: not known now."""
        rows = Device.objects.filter(code__in=list(codes), active=True, protocol=Device.Protocol.JT808)
        return _asked(lambda: dict(rows.values_list("code", "credential_hash")))

    def seen(self, devices: Iterable[Device]) -> None:
        """This function will note that these terminals were heard of."""
        now = self._now()
        _asked(lambda: note_sightings(seen=[Seen(device.pk, now) for device in devices]))

    def refuse(self, content: bytes, reason: str, device: Device | None, number: str) -> None:
        """This function will keep what could not be used."""
        site: Any = device.site if device else None
        _asked(
            lambda: keep_refused_message(
                topic=f"jt808/{number}",
                device_code=device.code if device else "",
                site=site,
                payload=content,
                reason=reason,
                received_at=self._now(),
            )
        )


def _answered(work: Callable[[], T]) -> T:
    """Ask, and once more by a new connection: that the database went away and is back is no reason to turn one away."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        close_old_connections()
    try:
        return work()
    except (OperationalError, InterfaceError) as error:
        close_old_connections()
        raise RegistryAway(f"the database cannot be used: {str(error).strip()}") from error


def _asked(work: Callable[[], T]) -> T | None:
    try:
        return _answered(work)
    except RegistryAway as error:
        _log.warning("%s", error)
        return None
