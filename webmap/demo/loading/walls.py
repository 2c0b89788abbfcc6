"""What hangs on the demo site's walls: issued notice cards, posts for its trades, live cards open to phones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from spatial.cards.models import Post, WallSettings
from spatial.cards.operations import draft_posts, issue_cards, set_wall_settings
from spatial.cards.queries import missing_posts
from spatial.people.models import User
from spatial.places.models import Site


def ensure_walls(site: Site, users: Mapping[str, User], now: datetime) -> int:
    """This function will issue the cards that are missing and return how many; choices of people are kept."""
    safety = users["safety_officer"]
    if not WallSettings.objects.filter(site=site).exists():
        set_wall_settings(
            site=site, open_without_login=True, emergency_name="项目应急值班室", emergency_phone="0371-00000009",
            actor=safety, now=now,
        )  # fmt: skip
    if not Post.objects.filter(site=site).exists():
        draft_posts(site=site, drafts=missing_posts(site), actor=safety, now=now)
    return len(issue_cards(site=site, actor=safety, now=now))
