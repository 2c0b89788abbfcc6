"""Run IDS files of our own over an open model and count, by specification. Never for a user's IDS file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ifctester import ids

from .text import clean_text


@dataclass(frozen=True)
class SpecificationCount:
    """What a specification found. `applies` is false where it is not for the model's schema; then nothing is counted.

    `failed_ids` has the GlobalIds of those that failed and have one; `failed` counts also those that have none.
    """

    identifier: str
    applies: bool
    checked: int = 0
    failed: int = 0
    failed_ids: tuple[str, ...] = ()


def count_specifications(
    model: Any, schema: str, path: Path, known: Sequence[tuple[str, tuple[str, ...]]]
) -> Iterator[SpecificationCount]:
    """Yield the counts of a file's specifications; `known` has (identifier, schemas) of each in the file's order.

    The order says which is which: ifctester does not keep the identifier of a file that it reads.
    """
    for (identifier, schemas), specification in zip(known, ids.open(str(path)).specifications, strict=True):
        if schema not in schemas:
            yield SpecificationCount(identifier, False)
            continue
        specification.validate(model)
        failed = sorted(specification.failed_entities, key=lambda entity: entity.id())
        names = tuple(clean_text(name, 22) for entity in failed if (name := getattr(entity, "GlobalId", None)))
        yield SpecificationCount(identifier, True, len(specification.applicable_entities), len(failed), names)
