"""Kept results of long proofs: an interrupted run goes on, changed code begins anew."""

from pathlib import Path

import pytest

from tests.proofs import _kept
from tests.proofs._kept import Kept


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bim").mkdir()
    (tmp_path / "bim" / "rules.py").write_text("LIMIT = 1\n")
    (tmp_path / "uv.lock").write_text("")
    monkeypatch.setattr(_kept, "ROOT", tmp_path)
    monkeypatch.setattr(_kept, "FOLDER", tmp_path / "var" / "proofs")
    return tmp_path


def test_a_run_that_was_killed_in_the_middle_of_a_line_goes_on_with_what_it_had(checkout: Path) -> None:
    first = Kept("open", ["bim"])
    assert first.result("a", lambda: 1) == 1
    assert first.result("b", lambda: 2) == 2
    first.path.write_text(first.path.read_text()[:-5])
    again = Kept("open", ["bim"])
    assert again.result("a", lambda: 10) == 1
    assert again.result("b", lambda: 20) == 20
    assert (again.earlier, again.fresh) == (1, 1)
    assert "1 of 2 before an interruption" in again.words()
    last = Kept("open", ["bim"])
    assert [last.result(key, lambda: 0) for key in "ab"] == [1, 20]


def test_changed_code_or_another_option_begins_anew(checkout: Path) -> None:
    Kept("open", ["bim"], "60 s").result("a", lambda: 1)
    assert Kept("open", ["bim"], "90 s").result("a", lambda: 2) == 2
    assert Kept("open", ["bim"], "60 s").result("a", lambda: 3) == 1
    (checkout / "bim" / "rules.py").write_text("LIMIT = 2\n")
    assert Kept("open", ["bim"], "60 s").result("a", lambda: 4) == 4
