"""One real file and its mutations, each through two real imports, with an anchor on every element that was drawn."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import transaction

from bim.models import Element, Revision
from bim.operations import import_file
from bim.revisions.models import AnchorOutcome
from bim.revisions.rules import Pair
from spatial.places.models import Anchor
from tests.bim.revisions.mutations import mutate
from tests.bim.revisions.stage import outcomes, stand_on


@dataclass(frozen=True)
class Score:
    """How anchors fared against the truth: `ours_to_follow` still have their element, `strangers` have a wrong one."""

    file: str
    mutation: str
    anchors: int
    ours_to_follow: int
    right: int
    strangers: int
    queued: int
    queued_with_truth: int
    gone: int
    gone_wrongly: int

    @property
    def precision(self) -> float:
        followed = self.right + self.strangers
        return self.right / followed if followed else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.ours_to_follow if self.ours_to_follow else 1.0


def random_pairs(seed: int) -> Callable[..., Any]:
    """Return the negative control: a matcher that pairs what GlobalIds leave at random, and is sure of it."""

    def pair(old: Any, new: Any, left_old: list[int], left_new: list[int], shift: Any = None) -> Any:
        drawn = random.Random(seed).sample(left_new, len(left_new))
        return [Pair(one, other, 1.0, 1.0, by_global_id=False) for one, other in zip(left_old, drawn, strict=False)], {}

    return pair


class _Undo(Exception):
    pass


def try_file(source: Path, folder: Path, mutations: list[str], *, seed: int, anchors: int) -> list[Score]:
    """This function will import a file, anchor on its elements, import each mutation of it, and undo everything."""
    scores: list[Score] = []
    try:
        with transaction.atomic():
            first = _bring_in(source)
            chance = random.Random(seed)
            drawn = list(Element.objects.filter(revision=first, meshed=True).order_by("index"))
            told = {}
            for row in chance.sample(drawn, min(anchors, len(drawn))):
                told[stand_on(row).pk] = row.global_id
            for mutation in mutations:
                for name, matcher in (("", None), ("random", random_pairs(seed))):
                    if matcher is None or mutation == "reissue":
                        scores.append(_try(source, folder, mutation, name, matcher, told, seed))
            raise _Undo
    except _Undo:
        return scores


def _try(
    source: Path, folder: Path, mutation: str, name: str, matcher: Any, told: dict[Any, str], seed: int
) -> Score:  # fmt: skip
    target = folder / f"{source.stem} {mutation} {name}.ifc"
    truth = mutate(source, target, mutation, seed=seed)
    score: Score | None = None
    try:
        with transaction.atomic():
            if matcher is None:
                second = _bring_in(target)
            else:
                with mock.patch("bim.revisions.rules.pair_by_fingerprint", matcher):
                    second = _bring_in(target)
            outcomes(second)
            score = _score(source, f"{mutation} ({name} matcher)" if name else mutation, second, truth, told)
            raise _Undo
    except _Undo:
        target.unlink()
    assert score is not None
    return score


def _bring_in(path: Path) -> Revision:
    verdict = import_file(path=path, site_code="PROOF", model_name="proof")
    if not verdict["verdict"].startswith("imported"):
        raise RuntimeError(f"{path.name}: {verdict['reason']}")
    return Revision.objects.filter(model__name="proof").order_by("-number")[0]


def _score(source: Path, mutation: str, second: Revision, truth: Any, told: dict[Any, str]) -> Score:
    right = strangers = queued = with_truth = gone = gone_wrongly = 0
    known = {pk: gid for pk, gid in told.items() if gid in truth.became or gid in truth.deleted}
    reviews = {row.anchor_id: row.candidates for row in second.anchor_reviews.all()}
    rows = AnchorOutcome.objects.filter(revision=second, anchor__in=known)
    for row in rows:
        goal = truth.became.get(known[row.anchor_id])
        if row.outcome in ("kept", "followed"):
            right += row.to_global_id == goal
            strangers += row.to_global_id != goal
        elif row.outcome == "queued":
            queued += 1
            with_truth += any(one["global_id"] == goal for one in reviews[row.anchor_id])
        else:
            gone += 1
            gone_wrongly += goal is not None
    assert right + strangers + queued + gone == len(known) == Anchor.objects.filter(pk__in=known).count()
    ours = sum(gid in truth.became for gid in known.values())
    return Score(
        source.name, mutation, len(known), ours, right, strangers, queued, with_truth, gone, gone_wrongly
    )  # fmt: skip
