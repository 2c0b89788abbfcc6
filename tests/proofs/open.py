"""`./twin prove open`: every file of ../shared/data/ifc/open through the whole import, with a verdict that is true.

True is: meshed + gaps are the elements with a body as a second, independent count finds them, the rows are as many as
the verdict says, and a refusal has a sentence and leaves nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from deploy.instance import ROOT

from ._imports import prepare, table, versions, write_page
from ._stage import machine

OPEN = ROOT.parent / "shared" / "data" / "ifc" / "open"
LIMIT_S = 150.0


def second_count(path: Path) -> dict[str, int] | None:
    """Return elements and bodies as a child of its own counts them; None where it cannot read the file."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.proofs._bodies", str(path), folder]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
            found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
        except (subprocess.TimeoutExpired, ValueError, IndexError):
            return None
    return found


def compare(verdict: dict[str, Any], counted: dict[str, int] | None) -> str:
    """Return what is wrong with an import's verdict against the second count, empty where nothing is."""
    if counted is None:
        return "the second count could not read it"
    if verdict["elements"] != counted["elements"]:
        return f"{counted['elements']} elements were counted"
    accounted = verdict["meshed"] + len(verdict["gaps"])
    return (
        "" if accounted == counted["bodies"] else f"{counted['bodies']} bodies were counted, {accounted} accounted for"
    )


def main() -> int:
    """Import every file, write the page, and return 1 when a verdict is not true."""
    parser = argparse.ArgumentParser(prog="./twin prove open", description=__doc__)
    parser.add_argument("--only", default="", help="files whose name holds this text; writes no page")
    asked = parser.parse_args()
    if not OPEN.is_dir():
        print(f"REAL MODELS ARE NOT PROVEN: {OPEN} does not exist.")
        return 1
    _, watched = prepare()
    from tests.bim import fuzzing

    started, rows, wrongs = machine(), [], 0
    sample: tuple[dict[str, Any], dict[str, int] | None] | None = None
    for number, path in enumerate(sorted(OPEN.iterdir())):
        if asked.only not in path.name or not path.is_file():
            continue
        judged, verdict = fuzzing.judge_file(path, f"OPEN-{number}", watched, limit_s=LIMIT_S)
        wrong = judged.wrong
        if verdict and verdict["verdict"] != "refused":
            counted = second_count(path)
            wrong = wrong or compare(dict(verdict), counted)
            sample = (dict(verdict), counted) if not wrong else sample
        wrongs += bool(wrong)
        facts = verdict or {"verdict": "none", "schema": None, "elements": 0, "meshed": 0, "gaps": [], "reason": ""}
        cells = [
            path.name, facts["verdict"], facts["schema"] or "", facts["elements"], facts["meshed"], len(facts["gaps"]),
            f"{judged.seconds:.1f}", wrong or "true", (facts["reason"] or "")[:300],
        ]  # fmt: skip
        rows.append([str(cell) for cell in cells])
        print(f"{path.name}: {facts['verdict']} {judged.seconds:.1f} s {wrong}", flush=True)
    control = bool(sample and compare({**sample[0], "meshed": sample[0]["meshed"] - 1}, sample[1]))
    counts = {name: sum(row[1] == name for row in rows) for name in ("imported", "imported_with_gaps", "refused")}
    counted_words = ", ".join(f"{count} {name}" for name, count in counts.items())
    page = [
        "# Every real model (`./twin prove open`)",
        "",
        f"{len(rows)} files: {counted_words}; {wrongs} verdicts are not true. Started {started}. Ended {machine()}. "
        f"{versions()}. Negative control: a verdict with one element less is {'found' if control else 'NOT FOUND'}.",
        "",
        *table(["file", "verdict", "schema", "elements", "meshed", "gaps", "seconds", "verdict is", "reason"], rows),
    ]
    print("\n".join(page[:3]))
    if not asked.only:
        write_page("open", page)
    return 0 if not wrongs and control else 1


if __name__ == "__main__":
    sys.exit(main())
