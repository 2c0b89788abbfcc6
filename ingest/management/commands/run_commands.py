"""manage.py run_commands: send commands to helmets and take their receipts until stopped."""

import signal
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ingest.commanding.sender import CommandSender
from ingest.mqtt.command_session import CommandSession
from ingest.mqtt.own_connection import service_account
from spatial.devices.operations import write_broker_credentials


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Send buzzes, voice and text to helmets over the broker, and take their receipts. Runs until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        write_broker_credentials()
        session = CommandSession(service_account(), now=timezone.now)
        sender = CommandSender(session, now=timezone.now)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sender.stop())
        session.start()
        try:
            sender.run()
        finally:
            session.stop()
