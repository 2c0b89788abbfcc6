"""`./twin prove colours`: remembered colours under concurrent writes, and the rule against its set-based twin.

Race: writers change facts of 240 sites while readers compare, inside one snapshot, every remembered colour with the
rule. Control: the same without the version of the facts. Twins: 100,000 random states, the Python rule against SQL.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta
from typing import Any

from . import _sheet
from ._sheet import Row


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmap.project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _race_rows(sites: Any, writes: int, readings: int) -> list[Row]:
    from spatial.zones import cached_colours
    from tests.spatial.zones.colour_race import race

    found = race(sites, writers=3, writes=writes, readers=3, readings=readings)
    told = (
        f"{found.writes} facts written; {found.sites_read} sites and {found.objects_read} zones and risk points "
        f"read in {found.readings} snapshots; {found.old} old"
    )
    condition, cached_colours.FRESH = cached_colours.FRESH, "true"
    try:
        control = race(sites, writers=3, writes=writes // 10, readers=3, readings=readings // 10, seed=9)
    finally:
        cached_colours.FRESH = condition
    return [
        Row("remembered colours, three writers and three readers", told, "0 old", found.old == 0),
        Row(
            "control: the version is not asked",
            f"{control.old} old of {control.objects_read}",
            "some old",
            control.old > 0,
        ),
    ]


def _twin_row(count: int) -> Row:
    from tests.spatial.zones.random_states import disagreements

    checked, wrong = disagreements(count, seed=7)
    return Row(
        "the Python rule, the set-based SQL and the oracle",
        f"{checked} random states, {wrong} differ",
        "0 differ",
        not wrong,
    )


def main() -> int:
    """Run the proof, write the sheet; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove colours", description=__doc__)
    parser.add_argument("--writes", type=int, default=1000, help="facts per writer")
    parser.add_argument("--readings", type=int, default=500, help="snapshots per reader")
    parser.add_argument("--states", type=int, default=100_000)
    asked = parser.parse_args()
    _prepare()
    from django.utils import timezone

    from tests.benchmarks.city import analyse, make_city
    from tests.benchmarks.harness import machine

    started = machine()
    city = make_city(sites=240, points=10_000, tickets=50_000, since=timezone.now() - timedelta(days=40), name="证城")
    analyse()
    rows = [*_race_rows(city.sites, asked.writes, asked.readings), _twin_row(asked.states)]
    _sheet.write("colours", "Colours (`./twin prove colours`)", f"Started on {started}. Ended on {machine()}.", rows)
    return 0 if all(row.holds is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
