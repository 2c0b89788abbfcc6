"""Kill one process after the other while messages flow, measure when work goes on, and count at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import redis

from deploy.supervision import wait_until

from .senders import Sender
from .walking import Answers, Walking

LONGEST_S = 30.0


@dataclass(frozen=True)
class Kill:
    """One killing: what, and after how many seconds an answer came to a message that was made after it."""

    target: str
    back_s: float


@dataclass
class Count:
    """What the sender has and what the database has."""

    made: int = 0
    refused: int = 0
    lost: int = 0
    doubled: int = 0
    crossings: int = 0
    crossings_missed: int = 0
    crossings_invented: int = 0
    entries: int = 0
    alarms_missed: int = 0
    alarms_invented: int = 0
    kills: list[Kill] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing doubled, no alarm missed, none invented."""
        faults = (self.lost, self.doubled, self.crossings_missed, self.crossings_invented)
        return not any((*faults, self.alarms_missed, self.alarms_invented, self.refused))

    def words(self) -> str:
        """Return the count as one line."""
        return (
            f"{self.made} messages: {self.lost} lost, {self.doubled} doubled, {self.refused} refused; "
            f"{self.crossings} crossings: {self.crossings_missed} missed, {self.crossings_invented} invented; "
            f"{self.entries} alarms: {self.alarms_missed} missed, {self.alarms_invented} invented"
        )


def kill_while_sending(
    stage: Any,
    senders: Sequence[Sender],
    targets: Sequence[str],
    *,
    seed: int,
    quiet_s: tuple[float, float] = (0.5, 2.0),
    told: Callable[[str], None] = print,
) -> list[Kill]:
    """Start the senders, kill the targets in order at random moments, and wait until all is answered."""
    random, kills = Random(seed), []
    answers = [sender.answers for sender in senders]
    for sender in senders:
        sender.start()
    assert wait_until(lambda: all(each.first_after(0.0) for each in answers), 240), "no answer ever came"
    for number, target in enumerate(targets):
        time.sleep(random.uniform(*quiet_s))
        assert wait_until(stage.everything_runs, 4 * LONGEST_S), f"not everything runs before killing {target}"
        moment = time.monotonic()
        assert stage.murder(target), f"{target} does not run"
        back = _back_at_work(stage, target, answers, moment)
        kills.append(Kill(target, back))
        told(f"  kill {number + 1}: {target}, back after {back:.2f} s, {sum(s.made for s in senders)} messages made")
    for sender in senders:
        sender.enough.set()
    for sender in senders:
        assert wait_until(lambda sender=sender: sender.finished or sender.fault is not None, 300), "never finished"
        sender.end()
        if sender.fault is not None:
            raise sender.fault
    assert wait_until(stage.gateway_is_empty, 120), "the gateway still holds lines"
    return kills


def _back_at_work(stage: Any, target: str, answers: Sequence[Answers], moment: float) -> float:
    """Return after how many seconds every way answered a message made after the kill (and, of Redis, when it told
    a follower where somebody is)."""
    end, told = moment + LONGEST_S, 0.0
    if target == "redis":
        told = _first_told(stage, end) - moment
    while time.monotonic() < end:
        found = [each.first_after(moment) for each in answers]
        if all(found):
            return max([told, *(each - moment for each in found if each)])
        time.sleep(0.02)
    return LONGEST_S


def _first_told(stage: Any, end: float) -> float:
    """Return when a follower of positions, connecting again and again, is told one."""
    url = stage.instance.environment()["redis_url"]
    channel = f"twinwall.positions.{stage.cast['site_id']}"
    while time.monotonic() < end:
        try:
            follower = redis.Redis.from_url(url, socket_timeout=1).pubsub(ignore_subscribe_messages=True)
            follower.subscribe(channel)
            while time.monotonic() < end:
                if follower.get_message(timeout=0.1) is not None:
                    return time.monotonic()
        except (redis.RedisError, OSError):
            time.sleep(0.02)
    return end


def count(stage: Any, devices: Sequence[Walking], *, gateway: str = "", kills: Sequence[Kill] = ()) -> Count:
    """Compare what the devices have sent with what the database holds, device by device."""
    ids = {each["code"]: each["id"] for kind in ("helmets", "local") for each in stage.cast[kind]}
    found = Count(kills=list(kills))
    events, alarms = _events(stage), _alarms(stage)
    for device in devices:
        found.made += device.sequence
        found.refused += len(device.refused)
        rows, different = stage.rows(
            "SELECT count(*), count(DISTINCT fix_time) FROM tracks_position WHERE device_id = %s", ids[device.code]
        )[0]
        found.lost += device.sequence - different
        found.doubled += rows - different
        expected = Counter(device.crossings)
        found.crossings += len(device.crossings)
        missed, invented = expected - events[device.code], events[device.code] - expected
        found.crossings_missed += missed.total()
        found.crossings_invented += invented.total()
        entries = Counter(at for kind, at in device.crossings if kind == "entered")
        found.entries += entries.total()
        found.alarms_missed += (entries - alarms[device.code]).total()
        found.alarms_invented += (alarms[device.code] - entries).total()
    return found


def _events(stage: Any) -> dict[str, Counter]:
    rows = stage.rows(
        "SELECT d.code, e.kind, round(extract(epoch FROM e.fix_time) * 1000)::bigint FROM fences_fenceevent e "
        "JOIN devices_device d ON d.id = e.device_id WHERE e.withdrawn_at IS NULL AND e.kind IN ('entered', 'left')"
    )
    found: dict[str, Counter] = {code: Counter() for code in _codes(stage)}
    for code, kind, at in rows:
        if code in found:
            found[code][(kind, int(at))] += 1
    return found


def _alarms(stage: Any) -> dict[str, Counter]:
    rows = stage.rows(
        "SELECT d.code, round(extract(epoch FROM a.raised_at) * 1000)::bigint FROM alarms_alarm a "
        "JOIN devices_device d ON d.id = a.device_id WHERE a.rule = 'P-01' AND a.disproved_at IS NULL"
    )
    found: dict[str, Counter] = {code: Counter() for code in _codes(stage)}
    for code, at in rows:
        if code in found:
            found[code][int(at)] += 1
    return found


def _codes(stage: Any) -> list[str]:
    return [each["code"] for kind in ("helmets", "local", "gateways") for each in stage.cast[kind]]
