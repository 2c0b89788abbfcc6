"""`./twin prove meshers`: both mesher engines over real files, element by element.

Boxes must agree within 5 mm or 0.2 % of the box's diagonal, areas within 1 %. Where an element that the product shows
with the fast mesh misses that, a third voice is heard. The table goes to docs/proofs/meshers.md. An interrupted run
goes on where it stopped.
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
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from deploy.instance import ROOT

from ._imports import table, versions
from ._kept import Kept, key_of_file
from ._linear_check import NEAR_M
from ._mesher_pair import Pair
from ._stage import machine
from ._third_voice import OPENCASCADE_ERRS

OPEN = ROOT.parent / "shared" / "data" / "ifc" / "open"
SHEET = ROOT / "docs" / "proofs" / "meshers.md"
SLOW_LIMIT_S, GRACE_S = 120.0, 180.0
AGREEMENT, SLOW_SHARE = 0.999, 0.05
CODE = (
    "bim/ifc", "bim/pipeline/mesh_stage.py", "bim/pipeline/assembly.py", "tests/proofs/_mesher_pair.py",
    "tests/proofs/_mesh_difference.py", "tests/proofs/_third_voice.py", "tests/proofs/_linear_check.py",
)  # fmt: skip
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
    control: dict[str, bool] = field(default_factory=dict)
    linear: tuple[dict[str, Any], ...] = ()

    @property
    def both(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.fast and pair.slow]

    @property
    def trusted(self) -> list[Pair]:
        return [pair for pair in self.both if not pair.rule]

    @property
    def false(self) -> list[Pair]:
        """The elements shown with a mesh that OpenCASCADE does not agree with and nothing has shown to be right."""
        return [pair for pair in self.trusted if pair.miss and pair.judgement != OPENCASCADE_ERRS]


def compare(path: Path, limit_s: float) -> dict[str, Any]:
    """Compare one file in a process of its own; the answer is that process's own, or why there is none."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "pairs.json"
        command = [sys.executable, "-m", "tests.proofs._mesher_pair", str(path), str(out), str(limit_s)]
        said = Path(name) / "stderr"
        try:
            with said.open("wb") as errors:
                done = subprocess.run(
                    command, cwd=ROOT, timeout=limit_s + GRACE_S, check=False, stdout=subprocess.DEVNULL, stderr=errors
                )
        except subprocess.TimeoutExpired:
            return {"problem": f"no end within {limit_s + GRACE_S:g} s"}
        if not out.exists():
            last = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            return {"problem": f"the process ended with status {done.returncode} ({''.join(last)[:200]})"}
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def compared(name: str, found: dict[str, Any]) -> Compared:
    """Return what a comparison has found as values."""
    if "pairs" not in found:
        return Compared(name, found.get("problem") or f"refused: {found['refused']}")
    pairs = tuple(Pair(**pair) for pair in found["pairs"])
    return Compared(
        name, "", found["schema"], pairs, found["fast_s"], found["slow_s"], found["control"],
        tuple(found["linear"]),
    )  # fmt: skip


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.2%})" if whole else "none"


def group_rows(title: str, files: Sequence[Compared]) -> list[str]:
    """Return the table's lines of one group of schemas."""
    both = [pair for file in files for pair in file.both]
    trusted = [pair for file in files for pair in file.trusted]
    pairs = [pair for file in files for pair in file.pairs]
    missed = sum(bool(pair.miss) for pair in both)
    trusted_missed = [pair for pair in trusted if pair.miss]
    excused = sum(pair.judgement == OPENCASCADE_ERRS for pair in trusted_missed)
    false = sum(len(file.false) for file in files)
    fast_s, slow_s = sum(file.fast_s for file in files), sum(file.slow_s for file in files)
    lines = [
        ("files with bodies", sum(bool(file.pairs) for file in files)),
        ("elements with a body", len(pairs)),
        ("meshed by both engines, so that they can be compared", len(both)),
        ("only by the fast one", sum(p.fast and not p.slow and not p.late for p in pairs)),
        ("only by OpenCASCADE", sum(p.slow and not p.fast for p in pairs)),
        ("by none", sum(not p.slow and not p.fast for p in pairs)),
        (f"OpenCASCADE had not come to it within {SLOW_LIMIT_S:g} s a file", sum(p.late for p in pairs)),
        ("the two meshes agree, whatever the rules say", _share(len(both) - missed, len(both))),
        ("misses that a rule sends to OpenCASCADE anyway", _share(missed - len(trusted_missed), missed)),
        ("misses shown with the fast mesh", len(trusted_missed)),
        ("of these shown to be OpenCASCADE's error", excused),
        ("**what is shown agrees with OpenCASCADE or is shown to be its error**", _share(len(both) - false, len(both))),
        ("the same, of the elements that are shown with the fast mesh", _share(len(trusted) - false, len(trusted))),
        ("sent to OpenCASCADE", _share(sum(bool(pair.rule) for pair in pairs), len(pairs))),
        ("colours that differ where the fast mesh is shown", sum(p.colours_differ for p in trusted)),
        ("time of the fast engine, of OpenCASCADE (one thread)", f"{fast_s:.1f} s, {slow_s:.1f} s"),
    ]
    return table([title, "measured"], [[what, str(value)] for what, value in lines])


def usual_rows(files: Sequence[Compared]) -> tuple[list[list[str]], bool]:
    """Return the share that goes to OpenCASCADE per usual building model and by which rule, and whether all are within
    the goal."""
    rows, good = [], True
    for file in files:
        if not file.pairs or not any(part in file.name for part in USUAL):
            continue
        rules = Counter(pair.rule for pair in file.pairs if pair.rule)
        within = sum(rules.values()) <= SLOW_SHARE * len(file.pairs)
        good &= within
        by_rule = "; ".join(f"{count} {rule}" for rule, count in rules.most_common())
        share, speed = _share(sum(rules.values()), len(file.pairs)), f"{file.fast_s:.2f} s, {file.slow_s:.2f} s"
        rows.append([file.name, share, "yes" if within else "**NO**", by_rule, speed])
    return rows, good


def miss_rows(files: Sequence[Compared], *, routed: bool) -> list[list[str]]:
    """Return every miss of the elements that a rule sends to OpenCASCADE, or of those that are shown with the fast
    mesh."""
    return [
        [file.name, pair.global_id, pair.ifc_class, pair.items]
        + ([pair.rule, pair.miss] if routed else [pair.miss, pair.third, pair.judgement])
        for file in files
        for pair in file.both
        if pair.miss and bool(pair.rule) == routed
    ]


def linear_rows(files: Sequence[Compared]) -> list[list[str]]:
    """Return per file how the elements on an alignment stand against the alignment's parameters and the file's
    coordinates."""
    rows = []
    for file in (file for file in files if file.linear):
        measured = [row["off_m"] for row in file.linear if "off_m" in row]
        stated = [row["off_stated_m"] for row in file.linear if row.get("off_stated_m") is not None]
        far = [row["global_id"] for row in file.linear if row.get("off_m", 0.0) > NEAR_M]
        reasons = Counter(row["why_not"] for row in file.linear if row["why_not"])
        rows.append([
            file.name, str(len(file.linear)), str(len(measured)), f"{max(measured):.4f}" if measured else "",
            f"{len(far)}: {', '.join(far[:5])}" if far else "0", f"{max(stated):.4f} ({len(stated)})" if stated else "",
            "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common()),
        ])  # fmt: skip
    return rows


def control_words(files: Sequence[Compared]) -> tuple[str, bool]:
    controls = [file.control for file in files if file.control]
    found = [sum(control[name] for control in controls) for name in ("miss", "not_excused")]
    words = (
        "Negative control: in each file a mesh that agrees is shifted by three tolerances. It is reported as a miss in "
        f"{found[0]} of {len(controls)} files, and the third voice refuses to excuse it in {found[1]}."
    )
    return words, bool(controls) and found == [len(controls)] * 2


def sheet(files: Sequence[Compared], words: str) -> tuple[str, bool]:
    """Return the page and whether every goal is met."""
    old = [file for file in files if file.schema in ("IFC2X3", "IFC4")]
    infra = [file for file in files if file.schema == "IFC4X3_ADD2"]
    usual, usual_good = usual_rows(files)
    controls, controls_good = control_words(files)
    both, false = sum(len(file.both) for file in old), sum(len(file.false) for file in old)
    agreed = bool(both) and false <= (1 - AGREEMENT) * both
    rules = Counter(pair.rule for file in files for pair in file.pairs if pair.rule)
    alone = [
        [file.name, pair.global_id, pair.ifc_class, pair.items, pair.rule, "late" if pair.late else "no mesh"]
        for file in files
        for pair in file.pairs
        if not pair.slow
    ]
    head = ["file", "GlobalId", "class", "items"]
    lines = [
        "# Two mesher engines over real files (`./twin prove meshers`)",
        "",
        f"{len(files)} files of `shared/data/ifc/open`. {words} {versions()}, {machine()}. No chance is involved, so "
        "there is no seed. Boxes agree within 5 mm or 0.2 % of the diagonal, areas within 1 %. An element that a rule "
        "sends to OpenCASCADE is shown with OpenCASCADE's mesh and so agrees with it.",
        "",
        f"Goals: at least {AGREEMENT:.1%} of IFC2X3 and IFC4: **{'met' if agreed else 'MISSED'}**; at most "
        f"{SLOW_SHARE:.0%} of a usual building to OpenCASCADE: **{'met' if usual_good else 'MISSED'}**; every planted "
        f"error found: **{'met' if controls_good else 'MISSED'}**.",
        "",
        *group_rows("IFC2X3 and IFC4", old),
        "",
        *group_rows("IFC4X3", infra),
        "",
        controls,
        "",
        "## Elements on an alignment",
        "",
        "The origin that an element gets against the point that its alignment's design parameters give (curvature "
        f"integrated, gradients by formula, no geometry kernel; farther than {NEAR_M:g} m is far), and against the "
        "placement's own CartesianPosition where the file gives one.",
        "",
        *table(
            [
                "file",
                "elements",
                "compared",
                "greatest distance (m)",
                "far",
                "to its CartesianPosition (m)",
                "not compared",
            ],
            linear_rows(files),
        ),
        "",
        "## Usual building models",
        "",
        *table(["file", "to OpenCASCADE", f"at most {SLOW_SHARE:.0%}", "by rule", "fast, OpenCASCADE"], usual),
        "",
        "## Rules that sent elements to OpenCASCADE",
        "",
        *table(["rule", "elements"], [[rule, str(count)] for rule, count in rules.most_common()]),
        "",
        "## Every miss that is shown with the fast mesh",
        "",
        "The third voice is IfcOpenShell's `cgal` kernel (only where its mesh is closed), or the box of the body's own "
        "points where it is nothing but points and has no openings.",
        "",
        *table([*head, "difference", "evidence", "judgement"], miss_rows(files, routed=False)),
        "",
        "## Every miss that a rule catches",
        "",
        *table([*head, "rule", "difference"], miss_rows(files, routed=True)),
        "",
        "## Elements that OpenCASCADE gave no mesh of, so that nothing could be compared",
        "",
        *table([*head, "rule", "OpenCASCADE"], alone),
        "",
        "## Files without a comparison",
        "",
        *table(["file", "why"], [[file.name, file.problem] for file in files if file.problem]),
        "",
    ]
    return "\n".join(lines), agreed and usual_good and controls_good


def main() -> int:
    """Run the comparison and write its page; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="./twin prove meshers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SLOW_LIMIT_S, help="OpenCASCADE's limit per file")
    parser.add_argument("--only", default="", help="files whose name holds this text; writes no page")
    asked = parser.parse_args()
    if not OPEN.is_dir():
        print(f"THE MESHERS ARE NOT COMPARED: {OPEN} does not exist.")
        return 1
    kept, files = Kept("meshers", CODE, f"{asked.seconds:g} s"), []
    for path in sorted(path for path in OPEN.iterdir() if path.is_file()):
        if asked.only in path.name:
            key = f"{path.name} {key_of_file(path)}"
            files.append(compared(path.name, kept.result(key, partial(compare, path, asked.seconds))))
            last = files[-1]
            print(f"{path.name}: {last.problem or f'{len(last.both)} pairs, {len(last.false)} false'}", flush=True)
    page, good = sheet(files, kept.words())
    print("\n".join(page.splitlines()[:30]))
    if not asked.only:
        SHEET.parent.mkdir(parents=True, exist_ok=True)
        SHEET.write_text(page, encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
