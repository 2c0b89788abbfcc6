"""`python -m ingest.gateway FILE [--status]`: the gateway without Django, for a box on the site."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ingest.gateway.command import gateway_command


def main() -> int:
    """Run or show the gateway of a configuration file."""
    parser = argparse.ArgumentParser(prog="python -m ingest.gateway", description=__doc__)
    parser.add_argument("file", type=Path, help="the configuration (docs/how-to/run-a-gateway.md)")
    parser.add_argument("--status", action="store_true", help="show how it is doing, and end with 1 when it is not")
    given = parser.parse_args()
    return gateway_command(given.file, status=given.status)


if __name__ == "__main__":
    sys.exit(main())
