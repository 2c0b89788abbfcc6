"""How the child opens a file: with IfcOpenShell, or, where it is large, in columns while a fork opens it whole.

The whole of a large file is opened only to be judged: whether it can be parsed, and what its parser says. The fork that
does it ends with its verdict, and its memory is free before any body is meshed.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bim.ifc.container import CheckedFile
from bim.ifc.part_model import PartModel
from bim.ifc.reading import open_model
from bim.ifc.step_table import NotPlain, StepTable
from bim.ifc.table_records import TableRecords

from .freed_memory import give_back_freed
from .lockdown import end_with_parent
from .sharing import picklable

ON_ALIGNMENTS = frozenset({"IFCALIGNMENT", "IFCLINEARPLACEMENT", "IFCGRIDPLACEMENT"})
"""What is placed along other things is read with all of them at hand."""


@dataclass(frozen=True)
class OpenedFile:
    """A model, the columns of its file where they have been read, and what waits for the verdict on the whole file.

    `verdict` returns the parser's warnings, and raises Refusal where the file cannot be parsed.
    """

    model: Any
    table: StepTable | None
    verdict: Callable[[], list[str]]


@contextmanager
def opened(checked: CheckedFile, folder: Path, apart: bool) -> Iterator[OpenedFile]:
    """Open a checked file; with `apart` in columns, if it can be read so, while its whole is judged by a fork.

    Where the file is refused, that is what is raised, whatever else went wrong with it.
    """
    if apart and checked.declared_schema == checked.schema:
        with _judged_apart(checked) as verdict:
            try:
                records = _records(checked)
            except NotPlain:
                records = None
            if records is not None:
                model = PartModel(records, folder)
                give_back_freed()
                yield OpenedFile(model, records.table, verdict)
                verdict()
                return
    model, warnings = open_model(checked)
    yield OpenedFile(model, None, lambda: warnings)


def _records(checked: CheckedFile) -> TableRecords | None:
    table = StepTable.of_file(checked.path)
    return None if ON_ALIGNMENTS.intersection(table.names) else TableRecords(table, checked.schema)


@contextmanager
def _judged_apart(checked: CheckedFile) -> Iterator[Callable[[], list[str]]]:
    """Open the whole file in a fork; it is killed at the end if nobody has waited for its verdict."""
    judge = _Judge(checked)
    try:
        yield judge.verdict
    except Exception:  # of a damaged file anything may follow: its refusal says more
        judge.verdict()
        raise
    finally:
        judge.end()


class _Judge:
    """The fork, and what it has said."""

    def __init__(self, checked: CheckedFile) -> None:
        self._read, write = os.pipe()
        self._answer: list[str] | BaseException | None = None
        self._pid = os.fork()
        if self._pid == 0:
            _be_the_judge(checked, write)
        os.close(write)

    def verdict(self) -> list[str]:
        """Wait for the fork and return its warnings. Raises what it raised; dies as it died."""
        if self._answer is None:
            with os.fdopen(self._read, "rb") as said:
                content = said.read()
            status = self._wait()
            if status < 0:
                os.kill(os.getpid(), -status)
            self._answer = pickle.loads(content) if status == 0 else RuntimeError(f"the judge ended with {status}")
        assert self._answer is not None
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer

    def end(self) -> None:
        if self._pid:
            os.close(self._read)
            os.kill(self._pid, signal.SIGKILL)
            self._wait()

    def _wait(self) -> int:
        pid, self._pid = self._pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _be_the_judge(checked: CheckedFile, write: int) -> None:
    """Open the file, say what came of it, and end."""
    status = 1
    try:
        end_with_parent()
        try:
            answer: Any = open_model(checked)[1]
        except BaseException as error:
            answer = picklable(error)
        with os.fdopen(write, "wb") as said:
            pickle.dump(answer, said)
        status = 0
    finally:
        os._exit(status)
