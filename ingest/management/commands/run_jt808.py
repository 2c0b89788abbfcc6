"""manage.py run_jt808: receive JT/T 808 terminals over TCP until stopped."""

import asyncio
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from ingest.jt808.listener import Listener
from ingest.jt808.registry import TerminalRegistry
from ingest.jt808.way_back import WayBack
from ingest.mqtt.command_tap import CommandTap
from ingest.mqtt.own_connection import service_account
from ingest.service import IngestService


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Receive JT/T 808 terminals over TCP, store what they say, and raise alarms. Runs until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        listener = Listener(
            host=settings.TWINWALL_JT808_HOST,
            port=settings.TWINWALL_JT808_PORT,
            registry=TerminalRegistry(timezone.now),
            now=timezone.now,
        )
        tap = CommandTap(service_account(), on_command=lambda topic, payload: way_back.take(topic, payload))
        way_back = WayBack(listener, tap.publish, timezone.now)
        service = IngestService(listener.sessions, now=timezone.now)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stop())
        failed: list[BaseException] = []

        def listen() -> None:
            try:
                asyncio.run(listener.serve())
            except BaseException as error:
                failed.append(error)
                service.stop()

        thread = threading.Thread(target=listen, name="jt808", daemon=True)
        thread.start()
        tap.start()
        try:
            service.run()
        finally:
            tap.stop()
            listener.stop()
            thread.join(5)
        if failed:
            raise failed[0]
