"""`./twin prove permutations`: findings follow from the set of messages, whatever order they came in.

10,000 random traces (walks, jumps, equal times, silences, changing accuracy and heights) are cut into messages, some
said twice, and mixed; each is taken in several orders by the engine with its re-evaluation from checkpoints, and
compared with the run over the whole set. Control: the same without re-evaluation. Every hundredth trace goes through
the compiled engine as well. So it is done with stories of moving zones (cranes, vehicles, people) and with readings
under typed alarm conditions.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable

from spatial.fences.compiled_index import CompiledIndex
from spatial.fences.engine import decide_device
from spatial.fences.replay import Key, key_of
from spatial.fences.rules import Decision, DeviceState
from spatial.fences.zone_index import PlanFix
from tests.spatial.alarms import arrivals as readings
from tests.spatial.fences.arrivals import (
    SILENCE,
    ZONES,
    Keeper,
    Message,
    final_events,
    outcome,
    random_trace,
    shuffled_messages,
)
from tests.spatial.machines import arrivals as machines

from . import _sheet
from ._sheet import Row

_INDEX = CompiledIndex(ZONES)


def _compiled(state: DeviceState, fixes: Iterable[PlanFix]) -> Decision:
    return decide_device(state, list(fixes), _INDEX, max_speed_m_s=12.0, silence=SILENCE)


def _compiled_outcome(messages: list[Message]) -> set[Key]:
    keeper = Keeper(decide=_compiled)
    for message in messages:
        keeper.take(message)
    return keeper.recorded


def prove(traces: int, orders: int, seed: int) -> list[Row]:
    """Run the proof and its control, and return the rows of the sheet."""
    rng = random.Random(seed)
    events = messages = wrong = control = compared = compiled_wrong = 0
    for number in range(traces):
        trace: list[PlanFix] = random_trace(rng, rng.randint(5, 30))
        wanted = final_events(trace)
        events += len(wanted)
        for order in range(orders):
            mixed = shuffled_messages(rng, trace)
            messages += len(mixed)
            wrong += outcome(mixed) != wanted
            if order == 0:
                control += outcome(mixed, again=False) != wanted
        if number % 100 == 0:
            whole = {key_of(finding) for finding in _compiled(DeviceState(), set(trace)).findings}
            compared += 1
            compiled_wrong += whole != wanted or _compiled_outcome(mixed) != wanted
    told = f"{traces} traces in {orders} orders each: {messages} messages, {events} events; {wrong} orders differ"
    return [
        Row("any order of the same messages, duplicates and late ones included", told, "0 differ", wrong == 0),
        Row(
            "control: late fixes are not judged again",
            f"{control} of {traces} traces differ",
            "most differ",
            control > traces // 2,
        ),
        Row(
            "the compiled engine in any order",
            f"{compared} traces, {compiled_wrong} differ",
            "0 differ",
            compiled_wrong == 0,
        ),
    ]


def prove_machines(stories: int, seed: int) -> list[Row]:
    """Run the proof of moving zones and its control."""
    rng = random.Random(seed)
    events = messages = wrong = control = cut = 0
    for _ in range(stories):
        story = machines.random_story(rng, rng.randint(4, 25))
        mixed = machines.mixed_messages(rng, story)
        wanted, found = machines.final_events(story), machines.outcome(mixed)
        events, messages, cut = events + len(wanted), messages + len(mixed), cut + found.cut_short
        wrong += found.events != wanted
        control += machines.outcome(mixed, again=False).events != wanted
    told = f"{stories} stories: {messages} messages, {events} events ({cut} times cut short); {wrong} orders differ"
    return [
        Row("moving zones: any order of news of machines and people", told, "0 differ", wrong == 0),
        Row("control: late news is not judged again", f"{control} of {stories} differ", "most differ",
            control > stories // 2),
    ]  # fmt: skip


def prove_readings(series: int, seed: int) -> list[Row]:
    """Run the proof of typed alarm conditions and its control."""
    rng = random.Random(seed)
    alarms = messages = wrong = control = 0
    for _ in range(series):
        condition, given = readings.random_readings(rng, rng.randint(4, 40))
        mixed = readings.mixed_messages(rng, given)
        wanted = readings.final_alarms(condition, given)
        alarms, messages = alarms + len(wanted), messages + len(mixed)
        wrong += readings.outcome(condition, mixed) != wanted
        control += readings.outcome(condition, mixed, again=False) != wanted
    told = f"{series} series: {messages} messages, {alarms} alarms; {wrong} orders differ"
    return [
        Row("readings: any order gives the same alarms", told, "0 differ", wrong == 0),
        Row("control: late readings are not judged again", f"{control} of {series} differ", "many differ",
            control > series // 4),
    ]  # fmt: skip


def main() -> int:
    """Run the proof, write the sheet; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove permutations", description=__doc__)
    parser.add_argument("--traces", type=int, default=10_000)
    parser.add_argument("--orders", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20261128)
    asked = parser.parse_args()
    from tests.benchmarks.harness import machine

    started = machine()
    rows = prove(asked.traces, asked.orders, asked.seed)
    rows += prove_machines(max(1, asked.traces // 10), asked.seed)
    rows += prove_readings(asked.traces, asked.seed)
    title = "Order of messages (`./twin prove permutations`)"
    _sheet.write("permutations", title, f"Started on {started}. Ended on {machine()}.", rows)
    return 0 if all(row.holds is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
