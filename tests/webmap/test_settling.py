"""A server that has loaded leaves to the garbage collector only what requests make."""

from __future__ import annotations

import json
import subprocess
import sys

from deploy.instance import ROOT

SAYS = "import gc, json; {before}; print(json.dumps([gc.get_freeze_count(), len(gc.get_objects())]))"


def counts(before: str) -> tuple[int, int]:
    """Return how many objects are out of sight and how many in sight, in a process of its own."""
    command = [sys.executable, "-c", SAYS.format(before=before)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    frozen, seen = json.loads(said.stdout.splitlines()[-1])
    return frozen, seen


def test_a_served_process_hides_what_it_loaded_from_the_collector(services):
    frozen, seen = counts("import webmap.project.asgi")
    assert frozen > 100_000 > 20_000 > seen


def test_a_negative_control_that_only_loads_hides_nothing(services):
    frozen, seen = counts(
        "import os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'webmap.project.settings');"
        "from django.core.asgi import get_asgi_application; get_asgi_application();"
        "from django.urls import get_resolver; get_resolver().url_patterns"
    )
    assert frozen == 0 and seen > 100_000
