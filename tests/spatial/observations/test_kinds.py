"""Every kind of quantity has a word on the page of measurements."""

from spatial.observations.quantities import all_quantities
from webmap.pages.observations.words import KINDS


def test_every_kind_of_quantity_has_a_word():
    assert {row.kind for row in all_quantities().values()} <= set(KINDS)
