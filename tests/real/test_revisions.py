"""Anchors on a real model through mutated revisions: the proof `./twin prove revisions` at a reduced size."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.proofs._revision_trial import try_file

FILE = Path(__file__).resolve().parents[3] / "shared/data/ifc/open/xBimTeam_XbimEssentials__SampleHouse4.ifc"

if not FILE.is_file():
    warnings.warn(f"REVISIONS OF REAL MODELS ARE NOT TESTED: {FILE} does not exist.", stacklevel=1)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILE.is_file(), reason=f"REVISIONS OF REAL MODELS ARE NOT TESTED: {FILE} does not exist."),
]


def test_anchors_of_a_real_house_follow_their_own_elements_and_a_random_matcher_does_not(
    tmp_path: Path, settings: Any
) -> None:
    settings.TWINWALL_DATA_ROOT, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "media"
    settings.TWINWALL_DATA_ROOT.mkdir()
    settings.MEDIA_ROOT.mkdir()
    scores = {
        score.mutation: score
        for score in try_file(FILE, tmp_path, ["reissue", "move", "reissue and delete"], seed=3, anchors=40)
    }
    for score in scores.values():
        assert score.right + score.strangers + score.queued + score.gone == score.anchors >= 30
    assert (scores["move"].strangers, scores["move"].recall) == (0, 1.0)
    assert scores["reissue"].strangers == 0 and scores["reissue"].recall > 0.9
    assert scores["reissue and delete"].strangers == 0
    assert scores["reissue (random matcher)"].precision < 0.2
