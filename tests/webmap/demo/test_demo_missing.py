"""Renewing the demo's deadline where no demo was loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from spatial.hazards.models import Hazard
from spatial.ledger.models import Act
from webmap.demo.loading.run import DemoLoad, DemoMissing, DemoPlace


@pytest.mark.django_db
def test_refreshing_without_a_demo_names_the_command_and_changes_nothing(tmp_path: Path) -> None:
    acts = Act.objects.count()
    with pytest.raises(DemoMissing, match="load_demo"):
        DemoLoad(DemoPlace(tmp_path, ("127.0.0.1", 1883)), print).refresh_deadline()
    assert Act.objects.count() == acts
    assert not Hazard.objects.exists()
