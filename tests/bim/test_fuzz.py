"""Two hundred damaged files through the whole import; `./twin prove fuzz` does the same with two thousand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.bim import fuzzing
from tests.bim.mutations import DAMAGES, mutate

SEED, COUNT = 3, 200

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(data_root: Path) -> list[Path]:
    return [data_root, data_root.parent / "media"]


def test_every_damaged_file_gets_a_true_verdict_in_time_and_a_refusal_leaves_nothing(
    tmp_path: Path, watched: list[Path]
) -> None:
    judged = list(fuzzing.run(COUNT, SEED, tmp_path / "files", watched))
    assert [f"{row.number} ({row.kind}): {row.wrong}" for row in judged if row.wrong] == []
    assert Counter(row.kind for row in judged).keys() == DAMAGES.keys()
    verdicts = Counter(row.verdict for row in judged)
    assert verdicts["refused"] > 20 and verdicts["imported"] + verdicts["imported_with_gaps"] > 20, verdicts


def test_an_importer_that_raises_hangs_litters_or_lies_is_found_out(tmp_path: Path, watched: list[Path]) -> None:
    found = {row.kind: row.wrong for row in fuzzing.planted_faults(tmp_path / "files", watched)}
    assert found == {
        "raises": "the importer raised KeyError: 'planted'",
        "leaves a folder": "the refusal left something behind",
        "hangs": "no verdict within 1 s",
        "counts one too many": "the verdict and the rows disagree",
    }


def test_a_seed_gives_the_same_files_again(tmp_path: Path) -> None:
    originals = fuzzing.sources(tmp_path)
    assert [mutate(originals, 1, n) for n in range(22)] == [mutate(originals, 1, n) for n in range(22)]
    assert mutate(originals, 1, 0) != mutate(originals, 2, 0)
