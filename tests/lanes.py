"""Lanes of the whole suite: one pytest process per processor, each on throw-away services of its own.

`./twin test` starts the services, names them in TWINWALL_LANES, and loads this plugin. A file's tests stay in one lane,
in their order; the journeys share one whole product, so all of them run in one lane, as its last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys/"


def take_lane(worker: str, lanes: Sequence[dict[str, str]]) -> None:
    """Point this process at the services of its lane (`gw0` is the first)."""
    os.environ.update(lanes[int(worker.removeprefix("gw"))])


class WholeFiles(LoadScopeScheduling):
    """Hands out file by file, in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what stays together with a test: its file, or all journeys."""
        path = nodeid.partition("::")[0]
        return JOURNEYS if path.startswith(JOURNEYS) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> WholeFiles:
    """Let xdist hand out whole files."""
    return WholeFiles(config, log)


if "PYTEST_XDIST_WORKER" in os.environ and "TWINWALL_LANES" in os.environ:
    take_lane(os.environ["PYTEST_XDIST_WORKER"], json.loads(os.environ["TWINWALL_LANES"]))
