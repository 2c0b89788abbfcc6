"""The sandboxed child of IDS: read one IDS file, or open a model once and run IDS files over it.

`python -m bim.pipeline.ids_child FOLDER` reads FOLDER/request.json. To read, the source is the IDS file and the answer
is FOLDER/document.json; to check, the source is the model, the IDS files lie in FOLDER as they are named in the
request, and report-N.json is the answer to the N-th. Talks to its parent in JSON lines on standard output.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bim.ifc.ids.xml_tree import IdsRefusal
from bim.ifc.refusal import Refusal

from .child import Reporter, limit_resources

DOCUMENT = "document.json"


def report_name(number: int) -> str:
    """Return the name of the report of the N-th IDS file."""
    return f"report-{number}.json"


def _write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def read_document(folder: Path, request: dict[str, Any], reporter: Reporter) -> None:
    """Read the IDS file into document.json. Raises IdsRefusal."""
    from bim.ifc.ids.reading import read_ids

    reporter.say(stage="read", part=0.0)
    _write(folder / DOCUMENT, asdict(read_ids(Path(request["source"])).record))


def check_documents(folder: Path, request: dict[str, Any], reporter: Reporter) -> None:
    """Run the request's IDS files over the model. Raises Refusal where a file cannot be read."""
    reporter.say(stage="open", part=0.0)
    from bim.ifc.container import check_file
    from bim.ifc.ids.checking import check_model
    from bim.ifc.ids.reading import read_ids
    from bim.ifc.reading import open_model

    names = request["documents"]
    files = [read_ids(folder / name) for name in names]
    checked = check_file(Path(request["source"]), folder)
    model, _heard = open_model(checked)
    for number, file in enumerate(files):

        def tell(part: float, number: int = number) -> None:
            reporter.progress("check", (number + part) / len(names))

        reporter.say(stage="check", part=number / len(names))
        report = check_model(model, checked.schema, file, float(request["limit_s"]), tell)
        _write(folder / report_name(number), report.as_json())


def main() -> int:
    """Do what the request asks; a refusal is a line of its own."""
    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    limit_resources(request["memory_bytes"], request["cpu_s"])
    reporter = Reporter()
    try:
        (check_documents if "documents" in request else read_document)(folder, request, reporter)
        reporter.say(done=True)
    except IdsRefusal as refusal:
        reporter.say(refused=refusal.reason, code=refusal.code, line=refusal.line, detail=refusal.detail)
    except Refusal as refusal:
        reporter.say(refused=refusal.reason, code="model", line=0, detail=refusal.reason)
    except (MemoryError, RecursionError):
        reporter.say(refused="The check needs more memory than it may use.", code="memory", line=0, detail="")
    reporter.out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
