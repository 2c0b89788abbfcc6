"""What `parts/send_command.html` needs: any page that may call helmets includes it with this as `command`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from spatial.commands.operations import SENDERS
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
