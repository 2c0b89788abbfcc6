"""The services that tests run on: throw-away ones made by `./twin test`, and a whole second Twinwall."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from deploy.instance import ROOT, Instance, find_instance
from deploy.kept_schema import keep_schema
from deploy.ports import answers_healthy, free_port
from deploy.status import read_status
from deploy.supervision import Supervisor, wait_until

CHROMIUM = Path(os.environ.get("TWINWALL_CHROMIUM", "/usr/bin/chromium"))
BROWSER_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
WITHOUT_SERVICES = "This test needs services of its own; run it with: ./twin test"

WITHOUT_BROWSER = "There is no Chromium here; install one and name its program in TWINWALL_CHROMIUM."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last: the browser's event loop, once started, belongs to this thread."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is not None)


@dataclass(frozen=True)
class Services:
    """Addresses of the throw-away services; `folder` is theirs and ends with them."""

    folder: Path
    pg_host: str
    pg_port: int
    pg_database: str
    redis_url: str
    mqtt_host: str
    mqtt_port: int
    mqtt_own_port: int
    secrets_dir: Path


@pytest.fixture(scope="session")
def services() -> Services:
    """The throw-away database, cache and broker that `./twin test` started for this run."""
    given = os.environ
    if "TWINWALL_TEST_FOLDER" not in given:
        pytest.fail(WITHOUT_SERVICES, pytrace=False)
    return Services(
        folder=Path(given["TWINWALL_TEST_FOLDER"]),
        pg_host=given["TWINWALL_PG_HOST"],
        pg_port=int(given["TWINWALL_PG_PORT"]),
        pg_database=given["TWINWALL_PG_DATABASE"],
        redis_url=given["TWINWALL_REDIS_URL"],
        mqtt_host=given["TWINWALL_MQTT_HOST"],
        mqtt_port=int(given["TWINWALL_MQTT_PORT"]),
        mqtt_own_port=int(given["TWINWALL_MQTT_OWN_PORT"]),
        secrets_dir=Path(given["TWINWALL_SECRETS_DIR"]),
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Refuse a database test that would otherwise look for a server of the running demo; copy kept tables."""
    if "TWINWALL_PG_HOST" not in os.environ:
        pytest.fail(WITHOUT_SERVICES, pytrace=False)
    if template := os.environ.get("TWINWALL_TEST_TEMPLATE"):
        connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, services: Services) -> None:
    """The test database; its tables are kept for later runs when they had to be migrated."""
    kept = Path(os.environ["TWINWALL_TEST_SCHEMA"])
    if not kept.exists():
        keep_schema(services.pg_host, services.pg_port, str(connection.settings_dict["NAME"]), kept)


def clean_variables(**extra: str) -> dict[str, str]:
    """Return this process's variables without those that point at the throw-away services."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWINWALL_", "DJANGO_"))}
    return {**kept, **extra}


class Product:
    """A whole Twinwall in a folder of its own, driven by the real `./twin`."""

    def __init__(self, var: Path) -> None:
        self.var = var

    @property
    def instance(self) -> Instance:
        return find_instance(self.var)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        values = self.instance.environment()
        return f"http://{values['http_host']}:{values['http_port']}"

    @property
    def data_root(self) -> Path:
        """The folder of what it makes itself: tilesets, the demo's files."""
        return self.instance.data_root

    @property
    def logins(self) -> dict[str, list[str]]:
        return dict(self.status()["logins"])

    def status(self) -> dict[str, Any]:
        """What `./twin status --json` says."""
        return read_status(self.instance)

    def twin(self, *arguments: str, timeout_s: float = 900) -> subprocess.CompletedProcess[str]:
        """Run `./twin` on this instance and return its output and status."""
        return subprocess.run(
            [str(ROOT / "twin"), *arguments],
            env=clean_variables(TWINWALL_VAR=str(self.var)),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    def up(self, *arguments: str) -> None:
        """Start it, and fail with its words when it does not start."""
        done = self.twin("up", *arguments)
        assert done.returncode == 0, f"./twin up failed:\n{done.stdout}\n{done.stderr}"

    def manage(self, *arguments: str) -> str:
        """Run a management command in it and return what it printed."""
        done = self.twin("manage", *arguments)
        assert done.returncode == 0, f"manage {arguments[0]} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def manage_json(self, *arguments: str) -> Any:
        """Run a management command in it and return the JSON of its last line."""
        return json.loads(self.manage(*arguments).strip().splitlines()[-1])

    def stop_service(self, name: str) -> None:
        """Stop one service and wait until it has ended."""
        Supervisor(self.instance).stop(name)

    def start_service(self, name: str) -> None:
        """Start one service and wait until it runs; the web service, until it answers."""
        Supervisor(self.instance).start(name)
        assert wait_until(lambda: self.status()["services"][name] == "running", 60), f"{name} did not start"
        if name == "web":
            values = self.instance.environment()
            answers = wait_until(lambda: answers_healthy(int(values["http_port"]), values["http_host"]), 60)
            assert answers, "the site did not answer"

    def kill_service(self, name: str) -> None:
        """Kill one service as a crash would; its supervisor starts it again."""
        Supervisor(self.instance).kill(name)


HELMETS_HEARD = """
from django.utils import timezone
from spatial.tracks.models import LatestPosition
print(LatestPosition.objects.filter(received_at__gt=timezone.now() - timezone.timedelta(seconds=60)).count())
"""
"""On a machine that has to compile the fence engine first, nobody is heard for minutes."""


@pytest.fixture(scope="session")
def whole_product(services: Services) -> Iterator[Product]:
    """A whole second Twinwall with the demo: own database, own ports, started by the real `./twin up`."""
    product = Product(services.folder / "whole" / "var")
    product.var.mkdir(parents=True)
    try:
        product.up("--port", str(free_port()))
        assert wait_until(
            lambda: int(product.manage("shell", "--verbosity", "0", "--command", HELMETS_HEARD)) > 20, 300
        )
        yield product
    finally:
        product.twin("down")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium with software WebGL."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop lives in this thread from here on
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = str(CHROMIUM) if CHROMIUM.exists() else None
        if program is None and not Path(playwright.chromium.executable_path).exists():
            pytest.fail(WITHOUT_BROWSER, pytrace=False)
        chromium = playwright.chromium.launch(executable_path=program, headless=True, args=BROWSER_FLAGS)
        yield chromium
        chromium.close()
