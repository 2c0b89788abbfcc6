"""manage.py run_ingest: receive positions from the broker until stopped."""

import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from ingest.arrivals import Lane
from ingest.keeping import keep
from ingest.mqtt.broker_session import BrokerSession
from ingest.service import IngestService
from spatial.devices.broker_files import service_credentials
from spatial.devices.operations import write_broker_credentials
from spatial.fences.engine import warm


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Receive device messages from the broker, store them, and raise alarms. Runs until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--worker", type=int, default=1, help="number of this worker; several share the messages")

    def handle(self, *args: Any, **options: Any) -> None:
        warm()  # the keeper compiles the fence engine, and each worker is forked with it
        sys.exit(keep(lambda: _work(options["worker"])))


def _work(worker: int) -> None:
    write_broker_credentials()
    username, password = service_credentials(settings.TWINWALL_SECRETS_DIR)
    lanes: tuple[Lane, ...] = ("live", "backfill")
    sessions = {
        lane: BrokerSession(
            lane=lane,
            worker=worker,
            host=settings.TWINWALL_MQTT_HOST,
            port=settings.TWINWALL_MQTT_PORT,
            username=username,
            password=password,
            now=timezone.now,
        )
        for lane in lanes
    }
    service = IngestService(sessions, now=timezone.now)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    for session in sessions.values():
        session.start()
    try:
        service.run()
    finally:
        for session in sessions.values():
            session.stop()
