"""The fence benchmark measures what it says, at a small size: the same sets on both sides, a row for each peer."""

import pytest

from .harness import Row
from .live.fences import make_scene, of_postgis, of_shapely, ours, scene_rows, store


@pytest.mark.django_db
@pytest.mark.parametrize("corners", [None, 60])
def test_ours_postgis_and_shapely_find_the_same_memberships(corners):
    scene = make_scene(60, corners, seed=4)
    store(scene)
    assert len(ours(scene, scene.batches[0])) > 20
    for batch in scene.batches:
        assert ours(scene, batch) == of_postgis(batch) == of_shapely(scene, batch)
    found = list(scene_rows(30, corners, 1))
    assert [isinstance(row, Row) for row in found] == [True] * 4
