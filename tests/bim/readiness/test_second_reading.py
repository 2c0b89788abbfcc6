"""What the parent believes of a child that its file may have taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bim.readiness.child import ANSWER
from bim.readiness.second_reading import SecondReading, _answer


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{", f"The file broke the reader: what it left is damaged ({ANSWER} is no JSON)."),
        ("[" * 100_000, f"The file broke the reader: what it left is damaged ({ANSWER} is no JSON)."),
        ("[1]", f"The file broke the reader: what it left is damaged ({ANSWER} is no object)."),
        ('{"shapes": 1, "voids": {}, "specified": []}', ""),
    ],
)
def test_an_answer_of_another_shape_is_no_answer(written: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / ANSWER).write_text(written, encoding="utf-8")
    assert _answer(tmp_path, False, 0, 300.0) == SecondReading(problem=problem)


def test_a_link_in_the_work_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text('{"problem": "a secret"}', encoding="utf-8")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / ANSWER).symlink_to(tmp_path / "secret")
    assert _answer(folder, False, 0, 300.0).problem.endswith(f"('{ANSWER}' is no plain file).")


def test_a_child_that_ends_early_keeps_what_it_had_written(tmp_path: Path) -> None:
    (tmp_path / ANSWER).write_text('{"schema": "IFC4", "specified": {}}', encoding="utf-8")
    read = _answer(tmp_path, False, -9, 300.0)
    assert (read.schema, read.specified, read.shapes) == ("IFC4", {}, None)
    assert read.problem == "The second reading of the file ended with status -9."
