"""Who may keep listening: accounts, sessions and reach, asked again on a timer and when memberships change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from spatial.people.models import User
from spatial.places.models import Site
from spatial.privacy.queries import sites_named_to

CHANNEL = "twinwall.memberships"


def reach_of(user_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return the sites that each of these active accounts may see now; accounts that may not log in are left out."""
    users = User.objects.filter(id__in=list(user_ids), is_active=True)
    return {user.id: frozenset(Site.objects.visible_to(user).values_list("id", flat=True)) for user in users}


def named_to(user_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return the sites whose people are named to each of these accounts."""
    users = User.objects.filter(id__in=list(user_ids), is_active=True)
    return {user.id: frozenset(sites_named_to(user)) for user in users}


def open_sessions(keys: Iterable[str]) -> set[str]:
    """Return which of these sessions are still open (neither logged out nor expired)."""
    found = Session.objects.filter(session_key__in=list(keys), expire_date__gt=timezone.now())
    return set(found.values_list("session_key", flat=True))


def announce_change(**_: Any) -> None:
    """Tell the pumps of all processes to ask again now (signal receiver; losing it costs one timer period)."""
    try:
        client = redis.Redis.from_url(settings.TWINWALL_REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        with client:
            client.publish(CHANNEL, json.dumps({"changed": True}))
    except (redis.RedisError, OSError):
        return
