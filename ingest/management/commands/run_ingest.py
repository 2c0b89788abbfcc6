"""manage.py run_ingest: receive positions from the broker until stopped."""

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from ingest.mqtt.broker_session import BrokerSession
from ingest.service import IngestService
from spatial.devices.broker_files import service_credentials
from spatial.devices.operations import write_broker_credentials


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Receive device positions from the broker, store them, and raise alarms. Runs until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        write_broker_credentials()
        username, password = service_credentials(settings.TWINWALL_SECRETS_DIR)
        session = BrokerSession(
            host=settings.TWINWALL_MQTT_HOST,
            port=settings.TWINWALL_MQTT_PORT,
            username=username,
            password=password,
            now=timezone.now,
        )
        service = IngestService(session, now=timezone.now)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stop())
        session.start()
        try:
            service.run()
        finally:
            session.stop()
