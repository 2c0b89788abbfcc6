"""Independent jobs, done by two processes at once: this one and a fork of it, each taking the next that is left.

Not concurrent.futures: a job is a closure over a whole model, which a fork inherits and nothing could pickle.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .lockdown import end_with_parent

Job = Callable[[], Any]
_NUMBER = struct.Struct("<i")
_MOST_JOBS = 16_000  # their numbers wait in a pipe, which holds 64 KB


def do_all(
    jobs: Sequence[Job], folder: Path, two: bool, on_job: Callable[[int, int], None] = lambda a, b: None
) -> list[Any]:
    """Return what each job gave, in their order; begin with the longest. An error of a job is raised here.

    With `two` a fork takes part, which this process must have no threads for; what jobs do to objects there is lost,
    what they return must be picklable. `folder` takes the fork's answers for a while.
    """
    if not two or not 1 < len(jobs) <= _MOST_JOBS:
        answers = []
        for number, job in enumerate(jobs):
            on_job(number, len(jobs))
            answers.append(job())
        return answers
    left, numbers = os.pipe()
    os.write(numbers, b"".join(_NUMBER.pack(number) for number in range(len(jobs))))
    os.close(numbers)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return _shared(jobs, left, file, on_job)
    finally:
        os.close(left)


def _shared(jobs: Sequence[Job], left: int, file: BinaryIO, on_job: Callable[[int, int], None]) -> list[Any]:
    gc.freeze()  # the fork's collector would copy every page that it looks at
    fork = os.fork()
    if fork == 0:
        _be_the_fork(jobs, left, file)
    answers: dict[int, Any] = {}
    try:
        for number in _taken(left):
            on_job(number, len(jobs))
            answers[number] = jobs[number]()
    except BaseException:
        os.kill(fork, signal.SIGKILL)
        raise
    finally:
        status = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
        gc.unfreeze()
    file.seek(0)
    while True:
        try:
            number, answer = pickle.load(file)
        except EOFError:
            break
        if number < 0:
            raise answer
        answers[number] = answer
    if status != 0:
        raise RuntimeError(f"the second process ended with {_name(status)}")
    return [answers[number] for number in range(len(jobs))]


def _be_the_fork(jobs: Sequence[Job], left: int, file: BinaryIO) -> None:
    """Do jobs until none is left, and end; an error is the last answer, under the number -1."""
    status = 1
    try:
        end_with_parent()
        try:
            for number in _taken(left):
                pickle.dump((number, jobs[number]()), file, pickle.HIGHEST_PROTOCOL)
        except BaseException as error:
            pickle.dump((-1, picklable(error)), file, pickle.HIGHEST_PROTOCOL)
        file.flush()
        status = 0
    finally:
        os._exit(status)


def _taken(left: int) -> Iterator[int]:
    """Yield the numbers of the jobs that nobody else has taken."""
    while len(content := os.read(left, _NUMBER.size)) == _NUMBER.size:
        yield _NUMBER.unpack(content)[0]


def picklable(error: BaseException) -> BaseException:
    """Return an error as another process can be given it."""
    try:
        return error if isinstance(pickle.loads(pickle.dumps(error)), BaseException) else RuntimeError(repr(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")


def _name(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"
