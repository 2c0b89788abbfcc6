"""Accounts of the demo with generated passwords, and the people who wear its helmets."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from spatial.people.models import Person, Team, User
from spatial.people.operations import create_person, create_team, create_user, grant_role
from spatial.places.models import Region, Site
from webmap.demo.cast import ACCOUNTS, CREWS, wearers
from webmap.demo.loading.private_files import read_json, write_json

PASSWORD_BYTES = 9


def ensure_accounts(site: Site, district: Region, logins_file: Path, now: datetime) -> dict[str, User]:
    """This function will make the demo's accounts and return them by key.

    A generated password is written to ``logins_file`` (mode 600) as ``{role: [user, password]}``; an account
    that is there already keeps its password.
    """
    logins: dict[str, list[str]] = read_json(logins_file) or {}
    users = {}
    for account in ACCOUNTS:
        user = User.objects.filter(username=account.username).first()
        if user is None:
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            user = create_user(username=account.username, password=password, full_name=account.full_name, now=now)
            logins[account.key] = [account.username, password]
            write_json(logins_file, logins)
        for role in account.roles:
            if account.reach == "site":
                grant_role(user=user, role=role, site=site, now=now)
            elif account.reach == "enterprise":
                grant_role(user=user, role=role, organisation=site.organisation, now=now)
            else:
                grant_role(user=user, role=role, region=district, now=now)
        users[account.key] = user
    return users


def ensure_people(site: Site, now: datetime) -> dict[str, Person]:
    """This function will make crews and helmet wearers, and return the people by their helmet's code."""
    teams = {
        name: Team.objects.filter(site=site, name=name).first() or create_team(site=site, name=name, now=now)
        for name in CREWS
    }
    users = {user.username: user for user in User.objects.filter(username__in=["worker", "safety"])}
    found = {}
    for wearer in wearers():
        person = Person.objects.filter(site=site, full_name=wearer.full_name).first()
        found[wearer.helmet] = person or create_person(
            site=site,
            full_name=wearer.full_name,
            trade=wearer.trade,
            team=teams[wearer.crew],
            user=users.get(wearer.account or ""),
            now=now,
        )
    return found
