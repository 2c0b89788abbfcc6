"""The reference page says what the data files say."""

from spatial.alarms.reference import PAGE, page
from spatial.observations.quantities import all_quantities


def test_the_reference_page_is_made_of_the_data_files():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m spatial.alarms.reference"
    assert page().count("\n| `") == len(all_quantities()) + 100 + 4
