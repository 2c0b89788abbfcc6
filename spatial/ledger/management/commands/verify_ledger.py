"""`manage.py verify_ledger`: check every chain of acts; exit status 1 where one is not whole."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from spatial.ledger.models import Act
from spatial.ledger.queries import chain_head, verify_chain


class Command(BaseCommand):
    """Check hashes, order and signatures of all acts."""

    help = "Check every organisation's chain of acts: hashes, order, signatures. Exit status 1 on a problem."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options about heads noted earlier."""
        parser.add_argument("--heads", type=Path, help="JSON file of heads printed earlier: reveals a cut-off end")
        parser.add_argument("--write-heads", type=Path, help="write the heads of today to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check chain by chain and name each problem."""
        noted = json.loads(options["heads"].read_text(encoding="utf-8")) if options["heads"] else {}
        found = Act.objects.order_by().values_list("organisation", flat=True).distinct()
        chains: dict[str, Any] = {str(pk or ""): pk for pk in found}
        for name in noted:
            chains.setdefault(name, name or None)
        heads, broken = {}, False
        for name, organisation in sorted(chains.items()):
            head = tuple(noted[name]) if name in noted else None
            problems = verify_chain(organisation, head=head)
            heads[name] = chain_head(organisation)
            label = name or "installation"
            self.stdout.write(f"{label}: {heads[name][0]} acts, {len(problems)} problems, head {heads[name][1]}")
            for problem in problems:
                broken = True
                self.stdout.write(f"  act {problem.sequence} [{problem.kind}] {problem.text}")
        if options["write_heads"]:
            options["write_heads"].write_text(json.dumps(heads, indent=1), encoding="utf-8")
        if broken:
            sys.exit(1)
