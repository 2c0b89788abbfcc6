"""The parent's side of IDS: read a file or check a model in the sandboxed child, within limits."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bim.ifc.ids.from_json import document_from, report_from
from bim.ifc.ids.records import DocumentRecord, IdsReport
from bim.ifc.ids.xml_tree import IdsRefusal
from bim.ifc.refusal import Refusal

from .child_lines import kill_child, lines_of
from .hand_over import check_folder
from .ids_child import DOCUMENT, report_name
from .limits import Limits
from .sandbox import paths_inside, start_child
from .supervise import Cancelled

CHILD = "bim.pipeline.ids_child"
READ_LIMIT_S = 30.0
READ_MEMORY_BYTES = 1 << 30
OPEN_LIMIT_S = 120.0
DOCUMENT_LIMIT_S = 120.0
LONGEST_SENTENCE = 1_000
_OPENING = 0.15
"""The part of the progress that opening the model stands for."""


@dataclass
class IdsWatch:
    """Limits and wishes of the caller: seconds per IDS file, and for opening the model."""

    limit_s: float = DOCUMENT_LIMIT_S
    open_limit_s: float = OPEN_LIMIT_S
    on_progress: Callable[[str, float], None] = lambda stage, percent: None
    is_cancelled: Callable[[], bool] = lambda: False


@dataclass
class _Heard:
    done: bool = False
    refused: dict[str, Any] = field(default_factory=dict)


def read_document(source: Path, folder: Path, limit_s: float = READ_LIMIT_S) -> DocumentRecord:
    """Return what an IDS file asks; `folder` is an empty work folder. Raises IdsRefusal with line and what to do."""
    request = {"memory_bytes": READ_MEMORY_BYTES, "cpu_s": int(limit_s) + 5}
    _run(source, folder, request, limit_s, IdsWatch())
    return document_from(json.loads((folder / DOCUMENT).read_text(encoding="utf-8")))


def check_documents(
    source: Path, documents: Sequence[Path], folder: Path, watch: IdsWatch | None = None
) -> list[IdsReport]:
    """Open the model once and run the IDS files over it; returns a report per file, in their order.

    `source` is the kept IFC file (or .ifczip), `folder` an empty work folder. A file whose time is over is reported
    with the rest of its specifications not checked. Raises IdsRefusal (code "model", "memory", "time", "broken" or
    one of a broken IDS file) or Cancelled.
    """
    watch = watch or IdsWatch()
    names = []
    for number, document in enumerate(documents):
        names.append(f"ids-{number}.ids")
        shutil.copyfile(document, folder / names[-1])
    total_s = watch.open_limit_s + watch.limit_s * len(names) + 10
    request = {
        "documents": names,
        "limit_s": watch.limit_s,
        "memory_bytes": Limits().memory_bytes,
        "cpu_s": int(total_s) + 10,
    }
    _run(source, folder, request, total_s, watch)
    return [
        report_from(json.loads((folder / report_name(number)).read_text(encoding="utf-8")))
        for number in range(len(names))
    ]


def _run(source: Path, folder: Path, request: dict[str, Any], limit_s: float, watch: IdsWatch) -> None:
    request["source"] = str(paths_inside(folder, source)[1])
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    deadline = time.monotonic() + limit_s
    heard = _Heard()
    process = start_child(folder, source, folder / "child.log", Limits(module=CHILD))
    try:
        for line in lines_of(process):
            if line is not None:
                _note(heard, line, watch)
            elif watch.is_cancelled():
                raise Cancelled
            if time.monotonic() >= deadline:
                raise IdsRefusal(
                    "time", 0, f"{limit_s:g}",
                    f"The check was stopped at its limit of {limit_s:g} s; "
                    "split the IDS file or make its patterns simpler.",
                )  # fmt: skip
    except Refusal as refusal:
        raise IdsRefusal("broken", 0, "", refusal.reason) from None
    finally:
        kill_child(process)
    try:
        check_folder(folder)
    except Refusal as refusal:
        raise IdsRefusal("broken", 0, "", refusal.reason) from None
    if heard.refused:
        raise IdsRefusal(
            str(heard.refused.get("code", "broken")), int(heard.refused.get("line", 0)),
            str(heard.refused.get("detail", ""))[:LONGEST_SENTENCE], str(heard.refused["refused"])[:LONGEST_SENTENCE],
        )  # fmt: skip
    if not heard.done or process.returncode != 0:
        tail = _last_line(folder / "child.log")
        raise IdsRefusal(
            "broken", 0, tail, f"The check broke off (status {process.returncode}){': ' if tail else ''}{tail}."
        )


def _note(heard: _Heard, line: bytes, watch: IdsWatch) -> None:
    try:
        fields = json.loads(line)
    except ValueError:
        return
    if not isinstance(fields, dict):
        return
    if "refused" in fields:
        heard.refused = fields
    elif "done" in fields:
        heard.done = True
    elif fields.get("stage") in ("open", "read", "check"):
        part = min(max(float(fields.get("part", 0)), 0.0), 1.0)
        checking = fields["stage"] == "check"
        percent = 100 * (_OPENING + (1 - _OPENING) * part) if checking else 100 * _OPENING * part
        watch.on_progress(str(fields["stage"]), round(percent, 1))


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1][:300] if lines else ""
