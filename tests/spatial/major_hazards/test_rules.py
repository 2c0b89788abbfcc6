"""GB 18218: the vectors of the spec to the last digit, and the laws that hold for any unit."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.major_hazards.queries import gb18218
from spatial.major_hazards.rules import AmountRefused, Held, Standing, alpha_of, judge, level_of

TABLE = gb18218()
PEOPLE_OF_ALPHA = {"0.5": 0, "1.0": 1, "1.2": 30, "1.5": 50, "2.0": 100}


def held(name: str, amount: str, beta: str, critical: str) -> Held:
    return Held(name, Decimal(amount), Decimal(critical), Decimal(beta))


@pytest.mark.parametrize(
    ("rows", "people", "s", "r", "level"),
    [
        ([("汽油", "220", "1", "200")], 1, "1.1", "1.1", 4),
        ([("液氯", "25", "4", "5")], 100, "5", "40", 3),
        ([("液氯", "25", "4", "5"), ("氨", "40", "2", "10")], 100, "9", "56", 2),
        ([("乙炔", "0.5", "1.5", "1"), ("LPG", "20", "1.5", "50")], 50, "0.9", None, None),
    ],
)
def test_the_vectors_of_the_standard_come_out_exactly(rows, people, s, r, level) -> None:
    found = judge([held(*row) for row in rows], exposed_people=people, table=TABLE)
    assert found.s == Fraction(s)
    assert found.r == (None if r is None else Fraction(r))
    assert found.level == level


def test_nine_tenths_warn_and_exactly_one_is_a_source() -> None:
    def standing(amount: str) -> Standing:
        return judge([held("汽油", amount, "1", "200")], exposed_people=0, table=TABLE).standing

    assert standing("159.999") is Standing.BELOW
    assert standing("160") is Standing.NEAR
    assert standing("199.999") is Standing.NEAR
    assert standing("200") is Standing.SOURCE


def test_three_thirds_are_one_and_not_a_little_less() -> None:
    rows = [held(name, "1", "1", "3") for name in ("甲", "乙", "丙")]
    assert judge(rows, exposed_people=0, table=TABLE).standing is Standing.SOURCE


@pytest.mark.parametrize(
    ("people", "alpha"),
    [(0, "0.5"), (1, "1"), (29, "1"), (30, "1.2"), (49, "1.2"), (50, "1.5"), (99, "1.5"), (100, "2")],
)
def test_alpha_changes_at_the_numbers_of_people_of_the_table(people: int, alpha: str) -> None:
    assert alpha_of(people, TABLE) == Fraction(alpha)


@pytest.mark.parametrize(("r", "level"), [("100", 1), ("99.99", 2), ("50", 2), ("49.99", 3), ("10", 3), ("9.99", 4)])
def test_levels_change_at_a_hundred_fifty_and_ten(r: str, level: int) -> None:
    assert level_of(Fraction(r), TABLE) == level


def test_impossible_values_are_refused_and_named() -> None:
    for row, field in (
        (held("氨", "-1", "2", "10"), "amount_t"),
        (held("氨", "1", "2", "0"), "critical_t"),
        (held("氨", "1", "0", "10"), "beta"),
    ):
        with pytest.raises(AmountRefused) as refused:
            judge([row], exposed_people=0, table=TABLE)
        assert (refused.value.name, refused.value.field) == ("氨", field)


AMOUNTS = st.decimals(min_value=0, max_value=5000, places=3)
ROWS = st.lists(
    st.builds(
        lambda row, amount: Held(row["zh"], amount, Decimal(row["critical_t"]), Decimal(row["beta"])),
        st.sampled_from(TABLE["substances"]),
        AMOUNTS,
    ),
    min_size=1,
    max_size=8,
)


@given(ROWS, AMOUNTS, st.integers(0, 500))
def test_more_of_a_substance_never_lowers_a_unit(rows: list[Held], more: Decimal, people: int) -> None:
    order = [Standing.BELOW, Standing.NEAR, Standing.SOURCE]
    before = judge(rows, exposed_people=people, table=TABLE)
    first = rows[0]
    after = judge(
        [Held(first.name, first.amount_t + more, first.critical_t, first.beta), *rows[1:]],
        exposed_people=people,
        table=TABLE,
    )
    assert order.index(after.standing) >= order.index(before.standing)
    if before.level:
        assert after.level is not None
        assert after.level <= before.level  # 1 is the highest level


def test_the_table_holds_the_critical_amounts_of_the_spec_and_a_factor_for_each() -> None:
    amounts = {row["code"]: (row["critical_t"], row["beta"]) for row in TABLE["substances"]}
    assert len(amounts) == 19
    assert amounts["chlorine"] == ("5", "4")
    assert amounts["lpg"] == ("50", "1.5")
    assert amounts["oxygen"] == ("200", "1")
    json.dumps(TABLE)
