"""`./twin prove fuzz`: damaged model files through the whole import, each must end in a true verdict in time.

The same code as `tests/bim/test_fuzz.py`, at full size. Importers with a planted fault must be found out. A run that is
interrupted, or that `--minutes` ends, goes on where it stopped.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from ._imports import prepare, table, versions, write_page
from ._kept import Kept
from ._sheet import percentile
from ._stage import machine

CODE = ("bim", "spatial", "tests/bim/fuzzing.py", "tests/bim/mutations.py", "tests/bim/authoring.py")


def judgements(asked: Any, kept: Kept, originals: list[bytes], folder: Path, watched: list[Path]) -> Iterator[Any]:
    """Yield the judgement of each mutation until they or the minutes are all used."""
    from tests.bim import fuzzing

    def judge(number: int) -> dict[str, Any]:
        kind, content = fuzzing.mutate(originals, asked.seed, number)
        return asdict(fuzzing.judge(number, kind, content, folder, watched))

    ends = time.monotonic() + asked.minutes * 60
    for number in range(asked.count):
        if time.monotonic() >= ends:
            return
        yield fuzzing.Judged(**kept.result(f"{asked.seed} {number}", partial(judge, number)))


def main() -> int:
    """Run the mutations and the negative control, write the page, and return 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=20_261_126)
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no further file after so long")
    asked = parser.parse_args()
    folder, watched = prepare()
    from tests.bim import fuzzing

    kept, judged = Kept("fuzz", CODE), []
    originals = fuzzing.sources(folder)
    for row in judgements(asked, kept, originals, folder, watched):
        judged.append(row)
        if row.wrong or row.number % 50 == 49:
            print(f"{row.number + 1}: {row.kind}: {row.verdict} {row.wrong}", flush=True)
    controls = fuzzing.planted_faults(folder, watched)
    wrong = [row for row in judged if row.wrong]
    kinds = sorted({row.kind for row in judged})
    verdicts = Counter((row.kind, row.verdict) for row in judged)
    seconds = [row.seconds for row in judged]
    names = ("imported", "imported_with_gaps", "refused")
    found = sum(bool(row.wrong) for row in controls)
    said = [f"{row.kind}: {row.wrong or 'NOT FOUND'}" for row in controls]
    head = ["damage", "files", *names, "wrong"]
    rows = [
        [
            kind,
            str(sum(row.kind == kind for row in judged)),
            *(str(verdicts[kind, name]) for name in names),
            str(sum(row.kind == kind for row in wrong)),
        ]
        for kind in kinds
    ]
    page = [
        "# Damaged files (`./twin prove fuzz`)",
        "",
        f"{len(judged)} mutations of {len(originals)} models, seed {asked.seed}, limit {fuzzing.LIMIT_S:g} s and "
        f"{fuzzing.GRACE_S:g} s of grace each; {asked.count} were asked for. {kept.words()} {versions()}, {machine()}.",
        "",
        "Each goes through `import_file` with the sandboxed child, every second one in the way of large files (in",
        "columns). Wrong is: no verdict in time, an exception, a refusal without a sentence or with rows, tiles or",
        "folders left, a verdict that differs from the rows, a process left.",
        "",
        *table(head, rows),
        "",
        f"Wrong: {len(wrong)} of {len(judged)}. Longest {max(seconds):.1f} s, 99th percentile "
        f"{percentile(seconds, 0.99):.1f} s. Negative control: {found} of {len(controls)} planted faults found "
        f"({'; '.join(said)}).",
    ]
    if wrong:
        page += ["", *table(["number", "damage", "wrong"], [[str(r.number), r.kind, r.wrong] for r in wrong])]
    write_page("fuzz", page)
    print("\n".join(page))
    return 0 if not wrong and found == len(controls) else 1


if __name__ == "__main__":
    sys.exit(main())
