"""manage.py simulate_fleet FLEET_FILE: play devices that speak MQTT only."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingest.simulator.fleet import Fleet
from ingest.simulator.fleet_file import FleetFileRefused, read_fleet_file
from ingest.simulator.rtsp_camera import CameraPlan, SimulatedCamera


class Command(BaseCommand):
    help = "Play the devices of a fleet file over MQTT until stopped. Uses no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fleet_file", type=Path)
        parser.add_argument(
            "--cameras", type=int, nargs="+", default=[], help="also serve a camera (RTSP) at each port"
        )
        parser.add_argument("--seed", type=int, help="the same seed plays the same noise and faults")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = read_fleet_file(options["fleet_file"])
        except FleetFileRefused as error:
            raise CommandError(str(error)) from error
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        self._serve_cameras(options["cameras"])
        self.stdout.write(f"{len(plan.devices)} devices of {plan.site} report to {plan.host}:{plan.port}.")
        Fleet(plan, seed=options["seed"]).run(stopping)

    def _serve_cameras(self, ports: list[int]) -> None:
        for port in ports:
            plan = CameraPlan(username="demo", password="demo-camera")
            try:
                SimulatedCamera(plan, port).start()
            except OSError as error:
                self.stderr.write(f"No camera at port {port}: {error}.")
