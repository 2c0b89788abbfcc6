"""A page in docs/proofs: a table of what was measured, what was promised, and whether it holds."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.instance import ROOT

from ._kept import commit
from ._sheet import Row


def write_page(name: str, title: str, told: Sequence[str], rows: Sequence[Row], after: Sequence[str] = ()) -> int:
    """Print the table of a proof and write its page; returns 1 when a promise is broken, else 0."""
    head = ["| what | measured | promise | holds |", "| --- | --- | --- | --- |"]
    table = "\n".join([*head, *(row.markdown() for row in rows)])
    print(f"\n{table}\n", flush=True)
    paragraphs = [f"# Proof: {title}", f"`./twin prove {name}`, commit {commit()}. {told[0]}", *told[1:], table, *after]
    (ROOT / "docs" / "proofs" / f"{name}.md").write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    return 0 if all(row.holds is not False for row in rows) else 1
