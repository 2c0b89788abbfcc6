"""The sandboxed child: check, open, read, mesh, assemble. Talks to its parent in JSON lines on standard output.

`python -m bim.pipeline.child FOLDER` reads FOLDER/request.json and writes everything into FOLDER. It is the only
process that ever opens a user's IFC file, and may crash or hang: the parent watches its lines. For the assembly of a
large model it starts itself anew in place (`FOLDER assemble`), which frees the memory that the model was read into.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from bim.ifc.refusal import Refusal

if TYPE_CHECKING:
    from bim.ifc.container import CheckedFile

REPORT_EVERY_S = 0.2
MAX_FILE_BYTES = 8 << 30
ASSEMBLE = "assemble"


class Reporter:
    """Writes lines to the parent on a private copy of standard output; libraries' own prints go nowhere."""

    def __init__(self) -> None:
        self.out: TextIO = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        self.last, self.stage = 0.0, ""

    def say(self, **fields: Any) -> None:
        self.out.write(json.dumps(fields, ensure_ascii=False) + "\n")

    def progress(self, stage: str, part: float) -> None:
        """Say how far a stage is, five times a second and whenever another one begins."""
        if stage != self.stage or time.monotonic() - self.last >= REPORT_EVERY_S:
            self.last, self.stage = time.monotonic(), stage
            self.say(stage=stage, part=round(part, 4))

    def give_back(self) -> None:
        """Put standard output where it was, for another program in this process."""
        self.out.flush()
        os.dup2(self.out.fileno(), 1)


def limit_resources(memory_bytes: int, cpu_s: int) -> None:
    """Set the process's own limits before anything foreign is read."""
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def run(folder: Path, request: dict[str, Any], reporter: Reporter, may_begin_afresh: bool = False) -> None:
    """Do the stages of one attempt. Raises Refusal with the sentence for the user."""
    from bim.ifc.container import check_file

    reporter.say(stage="check", part=0.0)
    checked = check_file(Path(request["source"]), folder)
    reporter.say(stage="read", part=0.0)
    large = checked.path.stat().st_size >= request["large_from_bytes"]
    read_and_mesh(folder, checked, request, reporter, large)
    if large and may_begin_afresh:
        reporter.give_back()
        os.execv(sys.executable, [sys.executable, "-s", "-P", "-m", "bim.pipeline.child", str(folder), ASSEMBLE])
    run_assembly(folder, request, reporter)


def run_assembly(folder: Path, request: dict[str, Any], reporter: Reporter) -> None:
    """Do the last stage, on what the ones before have left in FOLDER."""
    from .assembly import assemble
    from .site_context import SiteContext

    reporter.say(stage="footprints", part=0.0)
    assemble(folder, SiteContext.from_json(request["site"]), _killed(request), reporter.progress)
    reporter.say(done=True)


def _killed(request: dict[str, Any]) -> dict[int, str]:
    return {int(step_id): reason for step_id, reason in request["killed"].items()}


def read_and_mesh(folder: Path, checked: CheckedFile, request: dict[str, Any], reporter: Reporter, large: bool) -> None:
    """Read the model into FOLDER while the fast mesher is at work, and mesh what is left; the model is let go."""
    from bim.ifc.lean_import import import_ifcopenshell  # heavy: not for what is refused above

    import_ifcopenshell()
    from bim.ifc.reading import read_model

    from .mesh_stage import MeshStage
    from .model_files import ELEMENTS, write_model
    from .opening import opened

    with opened(checked, folder, apart=large) as file:
        stage = MeshStage(file.model, checked, folder, request, file.table, file.verdict)
        wanted = stage.elements_with_body()

        def read() -> None:
            if not (folder / ELEMENTS).exists():
                found = read_model(file.model, checked, file.verdict(), stage.bodies, source=stage.source)
                write_model(folder, *found)
            reporter.say(stage="mesh", part=0.0, wanted=len(wanted))
            if not large:
                from . import assembly  # noqa: F401  # while the fast engine is at work: nothing waits for it later

        stage.run(wanted, _killed(request), reporter.say, reporter.progress, read)


def main() -> int:
    """Run one attempt; the exit status is 0 also for a refusal, which is a line of its own."""
    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    limit_resources(request["memory_bytes"], request["cpu_s"])
    gc.disable()  # millions of records without cycles, in a process that lives for one file: a third of a large import
    reporter = Reporter()
    try:
        if sys.argv[2:] == [ASSEMBLE]:
            run_assembly(folder, request, reporter)
        else:
            run(folder, request, reporter, may_begin_afresh=True)
    except Refusal as refusal:
        reporter.say(refused=refusal.reason)
    except MemoryError:
        reporter.say(refused="The model needs more memory than an import may use.")
    reporter.out.close()
    return 0


if __name__ == "__main__":
    os._exit(main())  # all is written and closed; taking the model and its modules apart would be wasted
