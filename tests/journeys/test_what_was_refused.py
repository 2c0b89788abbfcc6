"""What the simulated site sends, late, doubled and broken as it is, meets no fault of our own. Runs last."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from .conftest import SITE

pytestmark = pytest.mark.journey


def test_messages_are_refused_for_what_is_in_them_and_never_for_an_error_of_ours(account: Any) -> None:
    answer = account("safety_officer").http.get(f"/sites/{SITE}/live/devices/refused/messages.csv")
    assert answer.status_code == 200
    _heads, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    reasons = {reason for _at, _device, _topic, reason, _payload in rows}
    assert "boot: is missing" in reasons, "the demo's broken device was not heard"
    assert sorted(reason for reason in reasons if reason.startswith("internal")) == []
