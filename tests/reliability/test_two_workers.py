"""Two ingest workers share the sites: each serves its own, in order, and one that stands by replaces a dead one."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from deploy.supervision import wait_until
from tests.reliability.killing import count, kill_while_sending
from tests.reliability.senders import BrokerSender, walkers
from tests.reliability.stage import Stage
from tests.reliability.walking import Answers

pytestmark = pytest.mark.django_db  # so that the test database is made, whose tables the stage copies
SITES = 2


class OnSite:
    """The stage as seen from one of its sites."""

    def __init__(self, stage: Stage, cast: dict[str, Any]) -> None:
        self._stage, self.cast = stage, cast

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)


def sending(
    stage: Stage, near: slice, far: slice, *, messages: int, per_second: float
) -> list[tuple[OnSite, BrokerSender]]:
    """Helmets of both sites, not started yet: the first site is worked at place 1, the other at place 2."""
    found = []
    for cast, own in ((stage.cast, near), (stage.cast["other"], far)):
        site = OnSite(stage, cast)
        walking = walkers(site, "helmets", seed=3, share=own)
        options = {"count": messages // SITES, "per_second": per_second / SITES}
        found.append((site, BrokerSender(site, walking, Answers(time.monotonic), **options)))
    return found


def test_one_worker_stands_still_and_the_sites_of_the_other_notice_nothing(stage):
    stage.run(workers=2)
    assert len(stage.keepers_at_work()) == 2
    (near, near_sender), (far, far_sender) = sending(stage, slice(20, 23), slice(0, 3), messages=120, per_second=30)
    for sender in (near_sender, far_sender):
        sender.start()
    assert wait_until(lambda: all(s.answers.first_after(0.0) for s in (near_sender, far_sender)), 60)
    frozen = stage.worker_at(2)
    os.kill(frozen, signal.SIGSTOP)
    try:
        stopped = time.monotonic()
        assert wait_until(lambda: sum(made > stopped for _, made in near_sender.answers.times()) >= 20, 60)
        assert far_sender.answers.first_after(stopped) is None
    finally:
        os.kill(frozen, signal.SIGCONT)
    for sender in (near_sender, far_sender):
        sender.enough.set()
        assert wait_until(lambda sender=sender: sender.finished, 60), "never finished"
        sender.end()
    for site, sender in ((near, near_sender), (far, far_sender)):
        found = count(site, sender.devices)
        assert found.holds, found.words()
        assert found.made >= 60
        assert in_order(site, sender.devices)


def in_order(site: OnSite, devices: list[Any]) -> bool:
    """Whether the positions of each device were stored in the order of their making."""
    ids = {each["code"]: each["id"] for each in site.cast["helmets"]}
    wrong = (
        "SELECT count(*) FROM (SELECT fix_time < lag(fix_time) OVER (ORDER BY id) AS back FROM tracks_position "
        "WHERE device_id = %s) each WHERE back"
    )
    return all(site.number(wrong, ids[device.code]) == 0 for device in devices)


def test_a_killed_worker_is_replaced_by_the_one_that_stands_by_and_nothing_is_lost_or_doubled(stage):
    stage.run(workers=2)
    senders = sending(stage, slice(23, 26), slice(3, 6), messages=420, per_second=40)
    targets = ["ingest's keeper", "ingest", "ingest's keeper"]
    kills = kill_while_sending(stage, [sender for _, sender in senders], targets, seed=2)
    for site, sender in senders:
        found = count(site, sender.devices, kills=kills)
        print(found.words())
        assert found.holds, found.words()
        assert found.made >= 200
        assert found.entries > 0
    assert sum(stage.log(name).count("Working at place") for name in stage.ingest_names) >= 2 + 2
    assert max(kill.back_s for kill in kills) < 30  # the machine of a test run is shared; the proof measures the 5 s


def test_a_device_with_a_wrong_site_in_its_topic_is_still_told_so(stage):
    stage.run(workers=2)
    (_, sender), _ = sending(stage, slice(26, 27), slice(6, 7), messages=2, per_second=10)
    (device,) = sender.devices
    device.topic = f"tw/v1/nowhere/{device.code}/positions"
    sender.start()
    assert wait_until(lambda: bool(refused(stage, device.code)), 60)
    sender.end()
    assert refused(stage, device.code)[0] == f"topic: the device belongs to site {stage.cast['site']}, not nowhere"


def refused(stage: Stage, code: str) -> list[str]:
    """Why messages of a device were refused."""
    return [row[0] for row in stage.rows("SELECT reason FROM devices_refusedmessage WHERE device_code = %s", code)]
