"""Accounts, their roles, crews and the people in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from spatial.ledger.operations import record_act

from .models import Membership, Person, Role, Team, User


class RoleRefused(ValueError):
    """A role cannot be granted as asked; the message says why."""


def _act(row: Any, verb: str, *, organisation: Any, site: Any, actor: Any, now: datetime, details: dict) -> None:
    record_act(
        organisation=organisation,
        site=site,
        actor=actor,
        verb=verb,
        subject_kind=row._meta.model_name,
        subject_id=row.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )


@transaction.atomic
def create_user(
    *,
    username: str,
    password: str,
    full_name: str,
    language: str = "zh-hans",
    phone: str = "",
    is_staff: bool = False,
    is_superuser: bool = False,
    actor: Any | None = None,
    now: datetime | None = None,
) -> User:
    """This function will create one person's account; its act is in the installation's own chain."""
    user = User.objects.create_user(
        username=username,
        password=password,
        full_name=full_name,
        language=language,
        phone=phone,
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    details = {"username": username, "is_staff": is_staff, "is_superuser": is_superuser}
    now = now or timezone.now()
    _act(user, "create_user", organisation=None, site=None, actor=actor, now=now, details=details)
    return user


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    site: Any | None = None,
    organisation: Any | None = None,
    region: Any | None = None,
    actor: Any | None = None,
    now: datetime | None = None,
) -> Membership:
    """This function will give a user a role on one site, in one organisation or in one region.

    Granting it again returns the membership that is there. Raises RoleRefused for an unknown role, or unless
    exactly one reach is given.
    """
    if role not in Role.values:
        raise RoleRefused(f"{role!r} is not a role; the roles are {', '.join(Role.values)}.")
    if sum(reach is not None for reach in (site, organisation, region)) != 1:
        raise RoleRefused("A role needs exactly one of site, organisation and region.")
    membership, created = Membership.objects.get_or_create(
        user=user, role=role, site=site, organisation=organisation, region=region
    )
    if created:
        reach = site or organisation or region
        details = {"user": user.username, "role": str(role), "on": str(reach)}
        chain = site.organisation if site is not None else organisation
        now = now or timezone.now()
        _act(membership, "grant_role", organisation=chain, site=site, actor=actor, now=now, details=details)
    return membership


@transaction.atomic
def create_team(*, site: Any, name: str, actor: Any | None = None, now: datetime | None = None) -> Team:
    """This function will add a crew to a site."""
    team = Team.objects.create(organisation_id=site.organisation_id, site=site, name=name)
    now, details = now or timezone.now(), {"name": name}
    _act(team, "create_team", organisation=site.organisation, site=site, actor=actor, now=now, details=details)
    return team


@transaction.atomic
def create_person(
    *,
    site: Any,
    full_name: str,
    trade: str,
    team: Team | None = None,
    user: User | None = None,
    actor: Any | None = None,
    now: datetime | None = None,
) -> Person:
    """This function will add somebody who works on a site, with or without an account."""
    if team is not None and team.site_id != site.pk:
        raise RoleRefused(f"The team {team} is not on site {site.code}.")
    person = Person.objects.create(
        organisation_id=site.organisation_id, site=site, full_name=full_name, trade=trade, team=team, user=user
    )
    now, details = now or timezone.now(), {"full_name": full_name, "trade": trade}
    _act(person, "create_person", organisation=site.organisation, site=site, actor=actor, now=now, details=details)
    return person


@transaction.atomic
def give_badge(*, person: Person, badge: str, actor: Any | None = None, now: datetime | None = None) -> Person:
    """This function will give somebody their badge number. Raises RoleRefused for one that another has."""
    if not badge.strip() or Person.objects.filter(site=person.site, badge=badge).exclude(pk=person.pk).exists():
        raise RoleRefused(f"The badge {badge!r} is empty or somebody else's.")
    person.badge = badge.strip()
    person.save(update_fields=["badge"])
    now, details = now or timezone.now(), {"badge": person.badge}
    _act(
        person, "give_badge", organisation=person.organisation, site=person.site, actor=actor, now=now, details=details
    )
    return person
