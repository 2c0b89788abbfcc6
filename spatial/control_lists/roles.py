"""Who may do what with a control list: the project compiles, the department reviews, the head publishes (S0.51)."""

from __future__ import annotations

from typing import Any

from spatial.people.models import Role
from spatial.people.queries import roles_on

from .models import ListVersion
from .refusals import ListForbidden, ListStateRefused
from .rules import Problem, gettext_noop

COMPILES = (Role.SITE_SAFETY, Role.PROJECT_MANAGER)
DEPARTMENT = (Role.ENTERPRISE_SAFETY,)
HEAD = (Role.ENTERPRISE_HEAD,)
REMARKS = (*COMPILES, *DEPARTMENT, *HEAD, Role.SUPERVISION_ENGINEER, Role.TOWN_REVIEWER, Role.DEPT_REVIEWER)
_WORDS = {
    COMPILES: gettext_noop("Only the project's safety officer or manager compiles the list."),
    DEPARTMENT: gettext_noop("Only the company's safety department reviews the list."),
    HEAD: gettext_noop("Only the company head approves and publishes the list."),
    REMARKS: gettext_noop("You have no role here that writes remarks."),
}


def role_for(actor: Any, site: Any, allowed: tuple[Role, ...]) -> str:
    """Return the role by which somebody may act. Raises ListForbidden."""
    held = roles_on(actor, site)
    for role in allowed:
        if role in held:
            return str(role)
    raise ListForbidden(_WORDS[allowed])


def may(actor: Any, site: Any, allowed: tuple[Role, ...]) -> bool:
    """Return whether somebody has one of these roles on a site."""
    return bool(roles_on(actor, site) & set(allowed))


def locked(version: ListVersion, *states: str) -> ListVersion:
    """Return a version locked until the transaction ends. Raises ListStateRefused in another state."""
    query = ListVersion.objects.select_for_update(of=("self",)).select_related("site__organisation", "based_on")
    version = query.get(pk=version.pk)
    if version.state not in states:
        sentence = gettext_noop("The list is “%(state)s” now; this cannot be done any more. Load the page again.")
        raise ListStateRefused([Problem("", "", sentence, {"state": version.get_state_display()})])
    return version
