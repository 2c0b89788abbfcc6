"""`./twin prove open`: every file of ../shared/data/ifc/open through `import_ifc --json`, with a verdict that is true.

True is: a second, independent count finds as many elements; the elements with a shape and the gaps are, GlobalId by
GlobalId, the elements that this count finds a body in; no element with a shape is without a box or a surface; a
refusal has a sentence and leaves no row, file or process. An interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from deploy.instance import ROOT

from ._imports import prepare, table, versions, write_page
from ._kept import Kept, key_of_file
from ._stage import machine

OPEN = ROOT.parent / "shared" / "data" / "ifc" / "open"
LIMIT_S = 150.0
CODE = ("bim", "spatial", "tests/proofs/open.py", "tests/proofs/_bodies.py", "tests/bim/fuzzing.py")


def import_by_command(*, path: Path, site_code: str, limit_s: float) -> Any:
    """Run `import_ifc --json` and return its one object."""
    from django.core.management import call_command

    out = io.StringIO()
    status: Any = 0
    try:
        call_command("import_ifc", str(path), site=site_code, limit=limit_s, json=True, stdout=out)
    except SystemExit as ended:
        status = ended.code
    verdict = json.loads(out.getvalue())
    if (status == 2) != (verdict["verdict"] == "refused"):
        raise ValueError(f"the verdict is {verdict['verdict']}, the exit status {status}")
    return verdict


def second_count(path: Path) -> dict[str, Any] | None:
    """Return elements and bodies as a child of its own counts them; None where it cannot read the file."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.proofs._bodies", str(path), folder]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
            found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        except (subprocess.TimeoutExpired, ValueError, IndexError):
            return None
    return found


def account() -> dict[str, list[str]]:
    """Return what the rows of the newest revision say: GlobalIds with a shape, with a gap, and those silently empty."""
    from bim.models import Revision

    rows: Any = Revision.objects.order_by("-created_at")[0].elements
    shaped = rows.filter(meshed=True)
    empty = shaped.filter(local_min_x_m=None) | shaped.filter(area_m2=None) | shaped.filter(area_m2__lte=0)
    return {
        "shaped": list(shaped.values_list("global_id", flat=True)),
        "gaps": list(rows.exclude(gap_reason="").values_list("global_id", flat=True)),
        "empty": list(empty.values_list("global_id", flat=True)),
    }


def compare(verdict: Mapping[str, Any], rows: Mapping[str, Any], counted: Mapping[str, Any] | None) -> str:
    """Return what is wrong with an import against the second count, empty where nothing is."""
    if counted is None:
        return "the second count could not read it"
    if verdict["elements"] != counted["elements"]:
        return f"{counted['elements']} elements were counted"
    if rows["empty"]:
        return f"{len(rows['empty'])} elements with a shape have no surface: {', '.join(rows['empty'][:5])}"
    if sorted(rows["gaps"]) != sorted(gap["global_id"] for gap in verdict["gaps"]):
        return "the verdict's gaps are not those of the rows"
    accounted, bodies = Counter(rows["shaped"] + rows["gaps"]), Counter(counted["bodies"])
    missing, surplus = list((bodies - accounted).elements()), list((accounted - bodies).elements())
    said = [f"no word of {len(missing)} bodies: {', '.join(missing[:5])}"] if missing else []
    said += [f"{len(surplus)} without a body in the second count: {', '.join(surplus[:5])}"] if surplus else []
    return "; ".join(said)


def try_file(path: Path, number: int, watched: list[Path]) -> dict[str, Any]:
    """Import one file for a site of its own and return what came of it, and whether a planted error is found."""
    from tests.bim import fuzzing

    judged, verdict = fuzzing.judge_file(
        path, f"OPEN-{number}", watched, importer=import_by_command, limit_s=LIMIT_S, number=number
    )
    wrong, control = judged.wrong, None
    if verdict and verdict["verdict"] != "refused" and not wrong:
        counted, rows = second_count(path), account()
        wrong = compare(verdict, rows, counted)
        if rows["shaped"] and not wrong:
            control = bool(compare(verdict, {**rows, "shaped": rows["shaped"][1:]}, counted))
    return {"judged": {**asdict(judged), "wrong": wrong}, "verdict": verdict, "control": control}


def _cells(name: str, found: Mapping[str, Any]) -> list[str]:
    nothing = {"verdict": "none", "schema": None, "elements": 0, "meshed": 0, "gaps": [], "reason": ""}
    facts, judged = found["verdict"] or nothing, found["judged"]
    reasons = [facts["reason"] or "", *sorted({gap["reason"] for gap in facts["gaps"]})]
    cells = [
        name, facts["verdict"], facts["schema"] or "", facts["elements"], facts["meshed"], len(facts["gaps"]),
        f"{judged['seconds']:.1f}", judged["wrong"] or "true", " / ".join(part for part in reasons if part)[:400],
    ]  # fmt: skip
    return [str(cell) for cell in cells]


def main() -> int:
    """Import every file, write the page, and return 1 when a verdict is not true."""
    parser = argparse.ArgumentParser(prog="./twin prove open", description=__doc__)
    parser.add_argument("--only", default="", help="files whose name holds this text; writes no page")
    asked = parser.parse_args()
    if not OPEN.is_dir():
        print(f"REAL MODELS ARE NOT PROVEN: {OPEN} does not exist.")
        return 1
    _, watched = prepare()
    kept, results = Kept("open", CODE), {}
    for number, path in enumerate(sorted(path for path in OPEN.iterdir() if path.is_file())):
        if asked.only in path.name:
            key = f"{path.name} {key_of_file(path)}"
            found = kept.result(key, partial(try_file, path, number, watched))
            results[path.name] = found
            judged = found["judged"]
            print(f"{path.name}: {judged['verdict']} {judged['seconds']:.1f} s {judged['wrong']}", flush=True)
    page, good = sheet(results, kept.words())
    print("\n".join(page[:5]))
    if not asked.only:
        write_page("open", page)
    return 0 if good else 1


def sheet(results: Mapping[str, Any], words: str) -> tuple[list[str], bool]:
    """Return the page's lines and whether every verdict is true and every planted error was found."""
    verdicts = Counter(found["judged"]["verdict"] for found in results.values())
    wrong = sum(bool(found["judged"]["wrong"]) for found in results.values())
    controls = [found["control"] for found in results.values() if found["control"] is not None]
    taken = [found["verdict"] for found in results.values() if found["verdict"]]
    sums = [sum(verdict[name] for verdict in taken) for name in ("elements", "meshed")]
    gaps = sum(len(verdict["gaps"]) for verdict in taken)
    counted_words = ", ".join(f"{verdicts[name]} {name}" for name in ("imported", "imported_with_gaps", "refused"))
    slowest = max(results, key=lambda name: results[name]["judged"]["seconds"], default="")
    head = ["file", "verdict", "schema", "elements", "meshed", "gaps", "seconds", "verdict is", "reason"]
    return [
        "# Every real model (`./twin prove open`)",
        "",
        f"{len(results)} files through `import_ifc --json`, limit {LIMIT_S:g} s each: {counted_words}; "
        f"**{wrong} verdicts are not true**. {sums[0]} elements, {sums[1]} with a shape, {gaps} gaps. "
        f"{words} {versions()}, {machine()}. No chance is involved, so there is no seed.",
        "",
        f"Negative control: an element with a shape is kept from the comparison; found in {sum(controls)} of "
        f"{len(controls)} files. Slowest: {slowest}, {results[slowest]['judged']['seconds'] if slowest else 0:.1f} s.",
        "",
        "True is: a second count with other rules finds as many elements; shapes and gaps are, GlobalId by GlobalId, "
        "the elements that it finds a body in; every shape has a box and a surface; a refusal has a sentence and "
        "leaves no row, file or process.",
        "",
        *table(head, [_cells(name, found) for name, found in results.items()]),
    ], not wrong and bool(controls) and all(controls)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
