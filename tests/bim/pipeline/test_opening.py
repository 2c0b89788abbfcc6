"""A large file is read in columns while a fork judges its whole; its refusal comes first, whatever else goes wrong."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import ifcopenshell
import pytest

from bim.ifc.container import CheckedFile, check_file
from bim.ifc.part_model import PartModel
from bim.ifc.reading import open_model
from bim.ifc.refusal import Refusal
from bim.pipeline import opening
from bim.pipeline.opening import opened
from tests.bim.authoring import Author, small_building


@pytest.fixture
def checked(tmp_path: Path) -> CheckedFile:
    small_building(tmp_path / "source.ifc")
    return check_file(tmp_path / "source.ifc", tmp_path)


def rewritten(checked: CheckedFile, old: str, new: str) -> CheckedFile:
    text = checked.path.read_text()
    assert old in text
    checked.path.write_text(text.replace(old, new, 1))
    return checked


def has_child(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_large_file_is_read_in_columns_and_its_warnings_come_from_its_whole(
    checked: CheckedFile, tmp_path: Path
) -> None:
    checked = rewritten(checked, "IFCSTAIR(", "IFCSTAIRWAY(")
    _, expected = open_model(checked)
    with opened(checked, tmp_path, apart=True) as file:
        assert isinstance(file.model, PartModel) and file.table is not None
        assert file.verdict() == expected == file.verdict()
    assert expected[0].startswith("1 instances of classes that IFC4 does not know were left out: IFCSTAIRWAY (1)")


def test_a_small_file_is_opened_whole_by_the_process_itself(checked: CheckedFile, tmp_path: Path) -> None:
    with opened(checked, tmp_path, apart=False) as file:
        assert isinstance(file.model, ifcopenshell.file) and file.table is None
        assert file.verdict() == []


@pytest.mark.parametrize("elsewhere", ["IFCALIGNMENT", "not plain", "renamed"])
def test_what_is_not_for_columns_is_opened_whole(tmp_path: Path, elsewhere: str) -> None:
    author = Author("IFC4X3_ADD2")
    if elsewhere == "IFCALIGNMENT":
        author.rooted("IfcAlignment", Name="A1")
    checked = check_file(author.save(tmp_path / "source.ifc"), tmp_path)
    if elsewhere == "not plain":
        checked = rewritten(checked, "DATA;", "DATA;\n#9001=(IFCA()IFCB());")
    if elsewhere == "renamed":
        checked = CheckedFile(checked.path, "IFC4X3_RC4", checked.schema, ())
    with opened(checked, tmp_path, apart=True) as file:
        assert isinstance(file.model, ifcopenshell.file) and file.table is None


@pytest.mark.parametrize(
    "broken",
    [
        ("IFCWALL('", "IFCWALL(('"),
        ("ENDSEC;\nEND-ISO", "#99999=IFCWALL(\nENDSEC;\nEND-ISO"),
        ("IFCPROJECT(", "IFCTHING("),
    ],
)
def test_a_file_that_cannot_be_parsed_is_refused_with_the_sentence_of_a_small_one(
    checked: CheckedFile, tmp_path: Path, broken: tuple[str, str]
) -> None:
    checked = rewritten(checked, *broken)
    sentence: str | None = None
    try:
        open_model(checked)
    except Refusal as refusal:
        sentence = refusal.reason
    try:
        with opened(checked, tmp_path, apart=True) as file:
            file.verdict()
    except Refusal as refusal:
        assert refusal.reason == sentence
    else:
        assert sentence is None


def test_a_refusal_comes_before_any_error_of_who_reads_the_columns(checked: CheckedFile, tmp_path: Path) -> None:
    checked = rewritten(checked, "IFCPROJECT(", "IFCPROJECTS(")
    text = checked.path.read_text()
    for name in ("IFCSLAB(", "IFCWALL(", "IFCCOLUMN(", "IFCOPENINGELEMENT(", "IFCSTAIR("):
        text = text.replace(name, "IFCTHING(")
    checked.path.write_text(text)
    with pytest.raises(Refusal, match="no project and no element"), opened(checked, tmp_path, apart=True):
        raise ValueError("the columns are strange")


def test_an_error_of_who_reads_a_sound_file_stays_what_it_is(checked: CheckedFile, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the columns are strange"), opened(checked, tmp_path, apart=True):
        raise ValueError("the columns are strange")


def test_nobody_is_left_behind_by_who_does_not_wait_for_the_verdict(
    checked: CheckedFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(checked: CheckedFile) -> Any:
        signal.pause()

    monkeypatch.setattr(opening, "open_model", never)
    forks: list[int] = []
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: forks.append(fork()) or forks[-1])
    with pytest.raises(KeyboardInterrupt), opened(checked, tmp_path, apart=True):
        assert has_child(forks[0])
        raise KeyboardInterrupt
    assert len(forks) == 1 and not has_child(forks[0])


@pytest.mark.parametrize("error", [MemoryError("as IfcOpenShell says it"), RuntimeError("anything")])
def test_what_the_judge_raises_is_raised(
    checked: CheckedFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(checked: CheckedFile) -> Any:
        raise error

    monkeypatch.setattr(opening, "open_model", fails)
    with pytest.raises(type(error), match=str(error)), opened(checked, tmp_path, apart=True) as file:
        file.verdict()


def test_a_file_that_kills_its_judge_kills_the_child_by_the_same_signal(
    checked: CheckedFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashes(checked: CheckedFile) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(opening, "open_model", crashes)
    child = os.fork()
    if child == 0:
        with opened(checked, tmp_path, apart=True) as file:
            file.verdict()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
