"""`./twin prove meshers`: both mesher engines over real files, element by element.

Boxes must agree within 5 mm or 0.2 % of the box's diagonal, areas within 1 %. The table goes to docs/proofs/meshers.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from deploy.instance import ROOT

from ._mesher_pair import Pair
from ._stage import machine

OPEN = ROOT.parent / "shared" / "data" / "ifc" / "open"
SHEET = ROOT / "docs" / "proofs" / "meshers.md"
LIMIT_S = 60.0
SLOW_SHARE = 0.05
USUAL = (
    "AC20-FZK-Haus.ifc", "Office_A", "Duplex_A", "SampleHouse4", "xBimTeam_XbimEssentials__House", "TallBuilding",
    "LargeBuilding", "KIT-EDC", "2012-03-23-Duplex-Design", "Pabellon_de_Barcelona", "FJK-Project-Final",
    "Building-Architecture", "Building-Structural", "Building-Hvac", "Duplex_Electrical", "Classroom", "Fransworth",
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """One file: its pairs, or why there are none."""

    name: str
    problem: str
    schema: str = ""
    pairs: tuple[Pair, ...] = ()
    fast_s: float = 0.0
    slow_s: float = 0.0
    control: bool | None = None

    @property
    def both(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.fast and pair.slow]

    @property
    def trusted(self) -> list[Pair]:
        return [pair for pair in self.both if not pair.rule]


def compare(path: Path, limit_s: float) -> Compared:
    """Compare one file in a process of its own, within its time."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "pairs.json"
        command = ["nice", "-n", "5", sys.executable, "-m", "tests.proofs._mesher_pair", str(path), str(out)]
        try:
            done = subprocess.run(
                command, cwd=ROOT, timeout=limit_s, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return Compared(path.name, f"no end within {limit_s:g} s")
        if not out.exists():
            return Compared(path.name, f"the process ended with status {done.returncode}")
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    if "refused" in found:
        return Compared(path.name, f"refused: {found['refused']}")
    pairs = tuple(Pair(**pair) for pair in found["pairs"])
    return Compared(path.name, "", found["schema"], pairs, found["fast_s"], found["slow_s"], found["control"])


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.2%})" if whole else "none"


def group_rows(title: str, files: Sequence[Compared]) -> list[str]:
    """Return the table's lines of one group of schemas."""
    both = [pair for file in files for pair in file.both]
    trusted = [pair for file in files for pair in file.trusted]
    pairs = [pair for file in files for pair in file.pairs]
    missed = sum(bool(pair.miss) for pair in both)
    missed_trusted = sum(bool(pair.miss) for pair in trusted)
    routed = sum(bool(pair.rule) for pair in pairs)
    agreeing = len(both) - missed_trusted
    fast_s, slow_s = sum(file.fast_s for file in files), sum(file.slow_s for file in files)
    return [
        f"| {title}: files with bodies | {sum(bool(file.pairs) for file in files)} |",
        f"| {title}: elements with a body | {len(pairs)} |",
        f"| {title}: meshed by both engines | {len(both)} |",
        f"| {title}: only by the fast one, by OpenCASCADE, by none | {sum(p.fast and not p.slow for p in pairs)}, "
        f"{sum(p.slow and not p.fast for p in pairs)}, {sum(not p.slow and not p.fast for p in pairs)} |",
        f"| {title}: in agreement without routing | {_share(len(both) - missed, len(both))} |",
        f"| {title}: in agreement after routing | {_share(agreeing, len(both))} |",
        f"| {title}: misses that the rules caught | {_share(missed - missed_trusted, missed)} |",
        f"| {title}: sent to OpenCASCADE | {_share(routed, len(pairs))} |",
        f"| {title}: colours that differ where the fast mesh is used | {sum(p.colours_differ for p in trusted)} |",
        f"| {title}: time of the fast engine, of OpenCASCADE (one thread) | {fast_s:.1f} s, {slow_s:.1f} s |",
    ]


def usual_rows(files: Sequence[Compared]) -> tuple[list[str], bool]:
    """Return the share that goes to OpenCASCADE per usual building model, and whether all are within the goal."""
    lines, good = [], True
    for file in files:
        if not file.pairs or not any(part in file.name for part in USUAL):
            continue
        slow = sum(bool(pair.rule) for pair in file.pairs)
        within = slow <= SLOW_SHARE * len(file.pairs)
        good &= within
        speed = f"{file.fast_s:.2f} s, {file.slow_s:.2f} s"
        lines.append(f"| {file.name} | {_share(slow, len(file.pairs))} | {'yes' if within else '**NO**'} | {speed} |")
    return lines, good


def sheet(files: Sequence[Compared], started: str, ended: str) -> tuple[str, bool]:
    """Return the page and whether every goal is met."""
    old = [file for file in files if file.schema in ("IFC2X3", "IFC4")]
    infra = [file for file in files if file.schema == "IFC4X3_ADD2"]
    usual, usual_good = usual_rows(files)
    controls = [file.control for file in files if file.control is not None]
    rules = Counter(pair.rule for file in files for pair in file.pairs if pair.rule)
    misses = [
        f"| {file.name} | {pair.global_id} | {pair.ifc_class} | {pair.items} "
        f"| {pair.rule or '**none**'} | {pair.miss} |"
        for file in files
        for pair in sorted(file.both, key=lambda pair: pair.rule != "")
        if pair.miss
    ]
    good = usual_good and bool(controls) and all(controls) and not any(p.miss for f in old for p in f.trusted)
    lines = [
        "# Two mesher engines over real files (`./twin prove meshers`)",
        "",
        f"Started {started}. Ended {ended}. ifclite-geom {version('ifclite-geom')}, "
        f"IfcOpenShell {version('ifcopenshell')} with OpenCASCADE. {len(files)} files of `shared/data/ifc/open`, in "
        "the order of their names; no chance is involved, so there is no seed. Boxes agree within 5 mm or 0.2 % of the "
        "diagonal, areas within 1 %. Elements that a rule sends to OpenCASCADE count as in agreement after routing.",
        "",
        f"All goals met: **{'yes' if good else 'NO'}** (no miss after routing on IFC2X3 and IFC4; at most "
        f"{SLOW_SHARE:.0%} of a usual building to OpenCASCADE; every control caught).",
        "",
        "| what | measured |",
        "| --- | --- |",
        *group_rows("IFC2X3 and IFC4", old),
        *group_rows("IFC4X3", infra),
        f"| negative control: a mesh shifted by three tolerances is a miss "
        f"| {sum(controls)} of {len(controls)} files |",
        "",
        "## Usual building models",
        "",
        f"| file | to OpenCASCADE | at most {SLOW_SHARE:.0%} | fast engine, OpenCASCADE |",
        "| --- | --- | --- | --- |",
        *usual,
        "",
        "## Rules that sent elements to OpenCASCADE",
        "",
        "| rule | elements |",
        "| --- | --- |",
        *(f"| {rule} | {count} |" for rule, count in rules.most_common()),
        "",
        "## Every miss",
        "",
        "Those with the rule **none** are shown with the fast engine's mesh; the others with OpenCASCADE's.",
        "",
        "| file | GlobalId | class | items | rule | difference |",
        "| --- | --- | --- | --- | --- | --- |",
        *misses,
        "",
        "## Files without a comparison",
        "",
        "| file | why |",
        "| --- | --- |",
        *(f"| {file.name} | {file.problem.replace('|', '/')} |" for file in files if file.problem),
        "",
    ]
    return "\n".join(lines), good


def main() -> int:
    """Run the comparison and write its page; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="./twin prove meshers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=LIMIT_S, help="limit per file")
    parser.add_argument("--only", default="", help="files whose name holds this text; writes no page")
    asked = parser.parse_args()
    if not OPEN.is_dir():
        print(f"THE MESHERS ARE NOT COMPARED: {OPEN} does not exist.")
        return 1
    started, files = machine(), []
    for path in sorted(OPEN.iterdir()):
        if asked.only in path.name:
            files.append(compare(path, asked.seconds))
            last = files[-1]
            print(f"{path.name}: {last.problem or f'{len(last.both)} pairs'}", flush=True)
    page, good = sheet(files, started, machine())
    print(page)
    if not asked.only:
        SHEET.parent.mkdir(parents=True, exist_ok=True)
        SHEET.write_text(page, encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
