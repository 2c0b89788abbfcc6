"""Processes are killed by SIGKILL while messages flow; the sender's count is the database's count.

The reduced size of `./twin prove kills`. Every safeguard is also taken out once, and then the same count must fail.
"""

from __future__ import annotations

import time

import pytest

from tests.reliability.killing import Count, count, kill_while_sending
from tests.reliability.senders import BrokerSender, GatewaySender, Sender, walkers
from tests.reliability.walking import Answers, Walking

pytestmark = pytest.mark.django_db  # so that the test database is made, whose tables the stage copies


def send_and_kill(
    stage, targets, *, share, messages, per_second, fault="", gateway_fault="", ways=("helmets",)
) -> tuple[Count, list[Walking]]:
    """Run one trial on the stage and return the count."""
    stage.run(fault=fault, gateway_fault=gateway_fault, gateway="local" in ways)
    senders: list[Sender] = []
    devices: list[Walking] = []
    kinds = {"helmets": BrokerSender, "local": GatewaySender}
    for way in ways:
        walking = walkers(stage, way, seed=1, share=share)
        answers = Answers(time.monotonic)
        senders.append(kinds[way](stage, walking, answers, count=messages // len(ways), per_second=per_second))
        devices += walking
    kills = kill_while_sending(stage, senders, targets, seed=1)
    return count(stage, devices, kills=kills), devices


def test_broker_database_ingest_cache_and_gateway_are_killed_and_nothing_is_lost_doubled_or_missed(stage):
    targets = ["ingest", "broker", "postgres", "ingest's keeper", "redis", "gateway", "broker's keeper"]
    found, _ = send_and_kill(stage, targets, share=slice(0, 8), messages=1200, per_second=40, ways=("helmets", "local"))
    print(found.words())
    assert found.holds, found.words()
    assert found.made >= 1200
    assert found.entries > 10
    slowest = max(found.kills, key=lambda kill: kill.back_s)
    assert slowest.back_s < 30, slowest  # the machine of a test run is shared; the proof measures the 5 s
    assert "Working at place 1 of 1." in stage.log(stage.ingest_names[1])  # the one that stood by took over


def test_a_storing_thread_that_fails_ends_the_service_and_the_next_one_serves_everything(stage):
    found, _ = send_and_kill(stage, [], share=slice(14, 17), messages=60, per_second=60, fault="storing_fails_once")
    assert "The thread storing failed; the service ends." in stage.log(stage.ingest)
    assert (found.made >= 60, found.lost, found.doubled) == (True, 0, 0)


@pytest.mark.parametrize(
    ("fault", "gateway_fault", "targets", "ways", "share"),
    [
        ("early_ack", "", ["ingest", "ingest"], ("helmets",), slice(8, 14)),
        ("no_dedup", "", ["ingest", "broker"], ("helmets",), slice(17, 20)),
        ("", "gateway_in_memory", ["broker", "gateway"], ("local",), slice(8, 14)),
    ],
)
def test_with_a_safeguard_taken_out_the_same_count_fails(stage, fault, gateway_fault, targets, ways, share):
    found, _ = send_and_kill(
        stage, targets, share=share, messages=240, per_second=60, ways=ways, fault=fault, gateway_fault=gateway_fault
    )
    print(found.words())
    assert not found.holds
    assert (found.doubled if fault == "no_dedup" else found.lost) > 0
