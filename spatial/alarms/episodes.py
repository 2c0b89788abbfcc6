"""Bring the stored alarms of one subject in line with the episodes that its facts make, whatever order they came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from spatial.alarms.conditions import Episode
from spatial.alarms.life import clear_alarm, correct_times, disprove_alarm, make_alarm_live
from spatial.alarms.models import Alarm

Raise = Callable[[Episode, bool | None], Alarm]


def put_right(
    found: Sequence[Episode], known: Sequence[Alarm], *, raise_new: Raise, received_at: datetime, live: bool
) -> None:
    """This function will disprove alarms that no episode bears out, correct those that one does, and raise the rest.

    `raise_new` raises the alarm of an episode; its second argument says that it is not late (None: by its time).
    `live` says that the newest fact is fresh, so that what goes on is a live alarm.
    """
    left = list(known)
    pairs: list[tuple[Episode, Alarm | None]] = []
    for episode in found:
        same = next((row for row in left if _overlaps(row, episode)), None)
        if same is not None:
            left.remove(same)
        pairs.append((episode, same))
    for row in left:
        disprove_alarm(alarm=row, received_at=received_at)
    for episode, same in pairs:
        goes_on = live and episode.ended_at is None
        if same is None:
            alarm = raise_new(episode, False if goes_on else None)
            if episode.ended_at is not None:
                clear_alarm(alarm=alarm, cleared_at=episode.ended_at, received_at=received_at)
            continue
        correct_times(
            alarm=same,
            raised_at=episode.started_at,
            cleared_at=episode.ended_at,
            level=episode.level,
            value=episode.changes[-1].value,
            received_at=received_at,
        )
        if goes_on:
            make_alarm_live(alarm=same, received_at=received_at)


def _overlaps(row: Alarm, episode: Episode) -> bool:
    ends_before = row.cleared_at is not None and row.cleared_at < episode.started_at
    begins_after = episode.ended_at is not None and row.raised_at > episode.ended_at
    return not ends_before and not begins_after
