"""The measuring harness: pairs in turn, medians, goals."""

import pytest

from .harness import Unmeasured, compare, row_of


def test_ours_and_the_peer_are_measured_in_turn_and_the_row_has_its_keys() -> None:
    order: list[str] = []
    ours, peer = iter([3.0, 1.0, 2.0]), iter([4.0, 4.0, 4.0])

    def measure(name: str, values: object) -> float:
        order.append(name)
        return next(values)  # type: ignore[call-overload]

    row = compare(
        name="x", unit="s", ours=lambda: measure("A", ours), peer=lambda: measure("B", peer), peer_name="p", pairs=3,
        goal=0.5,
    )  # fmt: skip
    assert order == ["A", "B", "A", "B", "A", "B"]
    assert list(row.as_json()) == ["name", "unit", "ours", "peer", "peer_name", "ratio", "goal", "pairs", "holds"]
    assert (row.ours, row.peer, row.ratio, row.holds) == (2.0, 4.0, 0.5, True)


def test_a_goal_that_is_missed_does_not_hold_and_more_can_be_better() -> None:
    row = compare(
        name="x", unit="1/s", ours=lambda: 10.0, peer=lambda: 5.0, peer_name="p", pairs=1, goal=0.4, better="more"
    )
    assert (row.ratio, row.holds) == (0.5, False)
    assert compare(name="x", unit="s", ours=lambda: 9.0, peer=lambda: 1.0, peer_name="p", pairs=1).holds


def test_a_comparison_without_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        compare(name="x", unit="s", ours=lambda: 1.0, peer=lambda: 1.0, peer_name="p", pairs=0)


def test_the_ratio_is_the_median_of_the_pairs_and_not_of_the_sides() -> None:
    row = row_of(name="x", unit="s", measured=[(1, 4), (2, 2), (3, 10)], peer_name="p", goal=0.25)
    assert (row.ours, row.peer, row.ratio, row.holds, row.pairs) == (2, 4, 0.3, False, 3)
    assert row.sentence() == "x: 2 s against 4 s (p), ratio 0.3 over 3 pairs  goal 0.25 DOES NOT HOLD"


def test_what_could_not_be_measured_never_holds_and_says_why() -> None:
    row = Unmeasured("import x", "the peer ended with 1: out of memory")
    assert not row.holds and row.sentence() == "import x: NOT MEASURED, the peer ended with 1: out of memory"
