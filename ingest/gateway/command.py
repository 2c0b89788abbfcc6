"""What both commands do (`python -m ingest.gateway`, `manage.py run_gateway`): run the gateway, or show its state."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

from ingest.gateway.config import ConfigRefused, load_config
from ingest.gateway.journal import Journal, JournalInUse, JournalUnusable
from ingest.gateway.running import read_status, run_gateway


def gateway_command(file: Path, *, status: bool) -> int:
    """This function will run the gateway of a file until it is stopped, or print its state; returns the exit status."""
    try:
        config = load_config(file)
        if status:
            state = read_status(config.status_file, time.time())
            print(json.dumps(state, indent=1, ensure_ascii=False))
            return 0 if state["running"] else 1
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        run_gateway(config, Journal(config.journal_file, max_bytes=config.journal_max_bytes))
    except (ConfigRefused, JournalInUse, JournalUnusable, OSError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0
