"""`./twin prove streams`: many open pages at once, for a minute, while helmets walk and alarms come and go.

Raw connections to the stream of the demo's site, each of which must be given every durable event once and in
order, while the web service's memory stays where it was when all of them had come.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from deploy.supervision import Supervisor
from tests.conftest import Product
from tests.journeys.conftest import SITE

from . import _sheet
from ._sheet import Row
from ._stage import People, event_ids, fleet_of, machine, second_product
from ._walker import Crowd, Walker, edge_of_zone
from ._watch import differences

LINE_LIMIT = 8 * 1024 * 1024
SETTLED_S = 15.0
GROWTH_MB = 24.0
OCCURRED = re.compile(rb'"occurred_at":"([^"]+)"')


@dataclass
class Listener:
    """One raw connection: ids of durable events in the order of arrival, when each came, and bytes received."""

    ids: list[int] = field(default_factory=list)
    at: dict[int, float] = field(default_factory=dict)
    received_bytes: int = 0
    states: int = 0
    ended_early: bool = False

    async def follow(self, url: str, cookie: str, cursor: int) -> None:
        """This function will read the stream until it is cancelled or the server ends it."""
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=LINE_LIMIT)
        try:
            writer.write(
                f"GET /api/v1/sites/{SITE}/stream HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookie}\r\n"
                f"Last-Event-ID: {cursor}\r\nAccept: text/event-stream\r\n\r\n".encode()
            )
            status = await reader.readline()
            if b" 200 " not in status:
                raise RuntimeError(f"the stream answered {status!r}")
            await self._read(reader)
            self.ended_early = True
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Every frame is one chunk, so that the lines of a frame stay whole between the sizes of chunks."""
        last_id = 0
        while line := await reader.readline():
            self.received_bytes += len(line)
            if line.startswith(b"id: "):
                last_id = int(line[4:])
            elif line == b"event: event\n":
                self.ids.append(last_id)
                self.at[last_id] = time.time()
            elif line == b"event: state\n":
                self.states += 1


def memory_mb(product: Product) -> float:
    """Return the resident memory of the web service's process in MB."""
    pid = Supervisor(product.instance)._calls.getProcessInfo("web")["pid"]
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def cpu_s(product: Product) -> float:
    """Return the processor time that the web service's process has used, in seconds."""
    pid = Supervisor(product.instance)._calls.getProcessInfo("web")["pid"]
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


@dataclass
class Watched:
    """What was measured while the listeners were there."""

    memory: list[float] = field(default_factory=list)
    cpu_share: float = 0.0


async def listen(
    product: Product,
    listeners: list[Listener],
    *,
    cookie: str,
    cursor: int,
    seconds: float,
    last: Callable[[], int],
) -> Watched:
    """Hold all connections for some seconds, and on until each has been given the event that is the last."""
    tasks = [asyncio.create_task(each.follow(product.url, cookie, cursor)) for each in listeners]
    watched, start, used = Watched(), time.time(), cpu_s(product)
    while time.time() - start < seconds:
        await asyncio.sleep(5)
        watched.memory.append(memory_mb(product))
    watched.cpu_share = (cpu_s(product) - used) / (time.time() - start)
    newest = await asyncio.to_thread(last)
    deadline = time.time() + 15
    while time.time() < deadline and any(newest not in each.at for each in listeners):
        await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
    return watched


def prove(product: Product, clients: int, seconds: float) -> list[Row]:
    """Return the rows for this many connections."""
    people = People(product)
    _, inside, outside = edge_of_zone(people, SITE)
    fleet = fleet_of(product)
    cookie = f"sessionid={people('project_manager').http.cookies['sessionid']}"
    cursor = max(event_ids(product, after=0), default=0)
    product.stop_service("simulator")  # its file's helmets are ours for a moment: the walkers below log in as them
    walkers = [Walker(fleet, index, inside, outside) for index in (20, 21, 22)]
    alone = memory_mb(product)
    listeners = [Listener() for _ in range(clients)]
    crowd = Crowd(walkers)

    def end() -> int:
        crowd.__exit__()
        return event_ids(product, after=cursor)[-1]

    crowd.__enter__()
    watched = asyncio.run(listen(product, listeners, cookie=cookie, cursor=cursor, seconds=seconds, last=end))
    for walker in walkers:
        walker.stop()
    expected = event_ids(product, after=cursor)
    return _rows(listeners, watched, expected, alone, seconds)


def _rows(listeners: list[Listener], watched: Watched, expected: list[int], alone: float, seconds: float) -> list[Row]:
    count = len(listeners)
    wrong = [found for each in listeners if (found := "; ".join(differences(expected, each.ids)))]
    cut = sum(each.ended_early for each in listeners)
    spreads = [max(moments) - min(moments) for moments in _moments(listeners, expected) if moments]
    settled = watched.memory[int(SETTLED_S // 5) - 1]
    growth = watched.memory[-1] - settled
    sent_mb = sum(each.received_bytes for each in listeners) / 1024**2
    return [
        Row(
            f"{count} streams for {seconds:g} s: durable events",
            wrong[0] if wrong else f"all {len(expected)} events at each of {count}, once, in order; {cut} ended early",
            "each once, in order",
            not wrong and not cut and bool(expected),
        ),
        Row(
            f"{count} streams: first page told to last page told",
            f"median {median(spreads):.3f} s, max {max(spreads):.3f} s" if spreads else "no event",
            "< 2 s",
            bool(spreads) and max(spreads) < 2,
        ),
        Row(
            f"{count} streams: memory of the web service",
            f"{alone:.0f} MB before, {settled:.0f} MB after {SETTLED_S:g} s, {watched.memory[-1]:.0f} MB at the end",
            f"grows < {GROWTH_MB:g} MB",
            growth < GROWTH_MB,
        ),
        Row(f"{count} streams: web service", f"{watched.cpu_share:.0%} of a core, {sent_mb:.1f} MB sent"),
    ]


def _moments(listeners: list[Listener], expected: list[int]) -> list[list[float]]:
    """Return per event when each listener was given it."""
    return [[each.at[event] for each in listeners if event in each.at] for event in expected]


def main() -> int:
    """Run the proof with 50 and then with 200 connections, write the sheet; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove streams", description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    rows: list[Row] = []
    with second_product() as product:
        started = machine()
        for clients in asked.clients:
            rows += prove(product, clients, asked.seconds)
            product.start_service("simulator")
    conditions = f"Started {started}. Ended {machine()}. Three helmets walk in and out of a danger zone."
    _sheet.write("streams", "Many open pages (`./twin prove streams`)", conditions, rows)
    return 0 if all(row.holds is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
