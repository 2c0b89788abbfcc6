"""Jobs done by two processes: every answer in its place, every error heard, no process left."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bim.ifc.refusal import Refusal
from bim.pipeline.sharing import do_all


class Unpicklable(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def square_of(number: int) -> int:
    return number * number


def fail(error: BaseException) -> None:
    raise error


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def meeting(here: Callable[[], Any], there: Callable[[], Any]) -> list[Callable[[], Any]]:
    """Return two jobs that wait for each other, so that both processes have one: `here` is done in this process."""
    both_at_work, own = multiprocessing.get_context("fork").Barrier(2), os.getpid()

    def job() -> Any:
        both_at_work.wait(60)
        return here() if os.getpid() == own else there()

    return [job, job]


def no_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@pytest.mark.parametrize("two", [False, True])
def test_answers_come_in_the_order_of_the_jobs_and_nothing_is_left(tmp_path: Path, two: bool) -> None:
    heard: list[tuple[int, int]] = []
    jobs = [partial(square_of, number) for number in range(2_000)]
    answers = do_all(jobs, tmp_path, two, lambda at, total: heard.append((at, total)))
    assert answers == [number * number for number in range(2_000)]
    assert heard == sorted(heard) and all(total == 2_000 for _, total in heard)
    assert len(heard) == 2_000 or two
    assert list(tmp_path.iterdir()) == []


def test_two_processes_are_at_work_at_the_same_time(tmp_path: Path) -> None:
    answers = do_all(meeting(os.getpid, os.getpid), tmp_path, two=True)
    assert len(set(answers)) == 2 and os.getpid() in answers


@pytest.mark.parametrize("two", [False, True])
def test_no_jobs_and_a_single_job_are_done_here(tmp_path: Path, two: bool) -> None:
    assert do_all([], tmp_path, two) == []
    assert do_all([os.getpid], tmp_path, two) == [os.getpid()]


@pytest.mark.parametrize(
    ("error", "heard", "words"),
    [
        (MemoryError("no more"), MemoryError, "^no more$"),
        (Refusal("No."), Refusal, "^No.$"),
        (Unpicklable(1, 2), RuntimeError, "^Unpicklable: 1 and 2$"),
    ],
)
def test_an_error_in_the_fork_is_raised_here(
    tmp_path: Path, error: Exception, heard: type[Exception], words: str
) -> None:
    with pytest.raises(heard, match=words):
        do_all(meeting(os.getpid, partial(fail, error)), tmp_path, two=True)
    assert no_children()


def test_an_error_here_ends_the_fork(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^here$"):
        do_all(meeting(partial(fail, ValueError("here")), signal.pause), tmp_path, two=True)
    assert no_children()


def test_a_fork_that_is_killed_is_no_silent_loss(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^the second process ended with SIGKILL$"):
        do_all(meeting(os.getpid, die), tmp_path, two=True)
    assert no_children()
