"""manage.py run_ingest: receive positions from the broker until stopped, or stand by for one who does."""

import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from ingest.arrivals import Lane
from ingest.keeping import keep
from ingest.mqtt.broker_session import BrokerSession
from ingest.mqtt.own_connection import OwnConnection, service_account
from ingest.mqtt.strays import StrayListener
from ingest.places_at_work import Places
from ingest.service import IngestService
from ingest.sharing import Share, site_codes
from spatial.devices.operations import write_broker_credentials
from spatial.fences.engine import warm


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Receive device messages from the broker, store them, and raise alarms. Runs until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=1, help="how many share the messages, each its own sites")

    def handle(self, *args: Any, **options: Any) -> None:
        warm()  # the keeper compiles the fence engine, and each worker is forked with it
        workers = options["workers"]
        place = Places(settings.TWINWALL_SECRETS_DIR, workers).wait()
        sys.exit(keep(lambda: _work(Share(place, workers))))


def _work(share: Share) -> None:
    write_broker_credentials()
    account, now = service_account(), timezone.now
    lanes: tuple[Lane, ...] = ("live", "backfill")
    sessions = {lane: BrokerSession(account, lane=lane, share=share, now=now) for lane in lanes}
    strays = StrayListener(account, arrivals=sessions["live"].arrivals, now=now) if share.hears_strays else None

    def follow_sites() -> None:
        codes = site_codes()
        for session in sessions.values():
            session.serve(share.own(codes))
        if strays is not None:
            strays.leave_out(codes)

    service = IngestService(sessions, now=now, follow_sites=None if share.is_all else follow_sites)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    connections: list[OwnConnection] = [*sessions.values(), *([strays] if strays else [])]
    for connection in connections:
        connection.start()
    try:
        service.run()
    finally:
        for connection in connections:
            connection.stop()
