"""What `parts/send_command.html` needs: any page that may call helmets includes it with this as `command`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from spatial.commands.operations import SENDERS
from spatial.commands.queries import HEARING, sent_because_of
from spatial.people.queries import roles_on


@dataclass(frozen=True)
class CommandPart:
    """To whom, because of what, and whether this user may."""

    site: Any
    target: str
    target_id: str
    source_kind: str
    source_id: str
    may_send: bool

    @property
    def element_id(self) -> str:
        """Return the id of the part on the page, one per target and source."""
        return f"command-{self.target}-{self.target_id}-{self.source_id}".rstrip("-")


def command_part(
    request: HttpRequest, site: Any, *, target: str, target_id: str = "", source_kind: str = "", source_id: str = ""
) -> CommandPart:
    """This function will return the part for a person (`target_id` their id), a zone (its id) or the whole site."""
    may = request.user.is_superuser or roles_on(request.user, site) & SENDERS
    return CommandPart(site, target, target_id, source_kind, source_id, bool(may))


def call_to_wearer(request: HttpRequest, site: Any, alarm: Any) -> CommandPart | None:
    """Return the part that calls who wears the device of an alarm; None for one that nobody can hear."""
    device = alarm.device
    if device is None or device.kind not in HEARING or device.person_id is None or not device.active:
        return None
    return command_part(
        request, site, target="person", target_id=str(device.person_id), source_kind="alarm", source_id=str(alarm.pk)
    )


def calls_of(request: HttpRequest, site: Any, alarm: Any) -> dict[str, Any]:
    """Return what an alarm's page needs to call its wearer or all in its zone, and what was sent because of it."""
    parts = []
    if wearer := call_to_wearer(request, site, alarm):
        parts.append((alarm.person_name or alarm.device.code, wearer))
    if alarm.zone_id:
        part = command_part(
            request, site, target="zone", target_id=str(alarm.zone_id), source_kind="alarm", source_id=str(alarm.pk)
        )
        parts.append((alarm.zone.name, part))
    calls = [one for one in parts if one[1].may_send]
    return {
        "calls": calls,
        "sent_calls": [
            {"sent": sent, "open": sent.count - sent.got - sent.expired}  # type: ignore[attr-defined]
            for sent in (sent_because_of(site, "alarm", str(alarm.pk))[:10] if calls else ())
        ],
    }
