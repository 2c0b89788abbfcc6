"""The sheet of measurements in docs/reference: one part per proof, written anew by each run of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from deploy.instance import ROOT

SHEET = ROOT / "docs" / "reference" / "measurements.md"
HEAD = """# Measurements

Figures that `./twin prove` has measured on a whole second Twinwall with its demo, each with the machine and the
load it was measured under. Run a proof again and it writes its part anew.
"""


@dataclass(frozen=True)
class Row:
    """One line of a table; `holds` None is a figure without a promise."""

    what: str
    figures: str
    promise: str = ""
    holds: bool | None = None

    def markdown(self) -> str:
        verdict = {None: "", True: "yes", False: "**NO**"}[self.holds]
        return f"| {self.what} | {self.figures} | {self.promise} | {verdict} |"


def spread(seconds: Sequence[float]) -> str:
    """Return median, p99 and maximum of some times, with their number."""
    return (
        f"median {median(seconds):.3f} s, p99 {percentile(seconds, 0.99):.3f} s, "
        f"max {max(seconds):.3f} s (n = {len(seconds)})"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile: the smallest value that `share` of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def write(name: str, title: str, conditions: str, rows: Sequence[Row]) -> None:
    """Print the table of a proof and put it into the sheet in the place of its last one."""
    lines = [
        f"## {title}",
        "",
        conditions,
        "",
        "| what | measured | promise | holds |",
        "| --- | --- | --- | --- |",
    ]
    table = "\n".join([*lines, *(row.markdown() for row in rows)])
    print(f"\n{table}\n", flush=True)
    part = f"<!-- {name} -->\n{table}\n<!-- end of {name} -->\n"
    text = SHEET.read_text(encoding="utf-8") if SHEET.exists() else HEAD
    place = re.compile(f"<!-- {name} -->.*<!-- end of {name} -->\n", re.DOTALL)
    text = place.sub(lambda _: part, text) if place.search(text) else f"{text}\n{part}"
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    SHEET.write_text(text, encoding="utf-8")
