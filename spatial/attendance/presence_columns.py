"""Thin a batch of fixes to what attendance needs of it: of each person and five minutes the first and the last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from .models import Post
from .operations import Seen
from .rules import BUCKET

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def presence_of(
    *,
    sites: Sequence[Any],
    people: Sequence[UUID],
    time_us: NDArray[np.int64],
    inside: NDArray[np.bool_],
    east_m: NDArray[np.float64],
    north_m: NDArray[np.float64],
) -> list[Seen]:
    """Return what `note_presence` needs of a batch. On a site with posts every fix counts: any may be the first one
    at its post."""
    with_posts = set(Post.objects.filter(site__in=set(sites), active=True).values_list("site_id", flat=True))
    posted = np.array([site.pk in with_posts for site in sites], dtype=bool)
    kept = sorted({*_ends(sites, people, time_us, inside), *np.flatnonzero(posted).tolist()})
    return [
        Seen(
            sites[row],
            people[row],
            _EPOCH + timedelta(microseconds=int(time_us[row])),
            bool(inside[row]),
            float(east_m[row]),
            float(north_m[row]),
        )
        for row in kept
    ]


def _ends(
    sites: Sequence[Any], people: Sequence[UUID], time_us: NDArray[np.int64], inside: NDArray[np.bool_]
) -> set[int]:
    """Return the first and last fix of each person, site, five minutes and side of the fence."""
    if not len(time_us):
        return set()
    place: dict[tuple[Any, UUID], int] = {}
    who = np.array([place.setdefault((s.pk, p), len(place)) for s, p in zip(sites, people, strict=True)])
    bucket = time_us // (BUCKET // timedelta(microseconds=1))
    order = np.lexsort((time_us, inside, bucket, who))
    keys = np.stack([who[order], bucket[order], inside[order].astype(np.int64)])
    new = np.any(np.diff(keys, axis=1, prepend=-1) != 0, axis=0)
    firsts = np.flatnonzero(new)
    lasts = np.append(firsts[1:], len(order)) - 1
    return {*order[firsts].tolist(), *order[lasts].tolist()}
