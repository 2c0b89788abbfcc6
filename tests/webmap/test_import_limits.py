"""What an import may use is set by the environment, and nonsense is refused with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bim.import_limits import limits_or_settings, seconds_or_settings
from bim.pipeline.limits import DEFAULT_LIMIT_S, MEGABYTE, Limits
from webmap.project.environment import EnvironmentInvalid, read_environment


def test_without_variables_the_limits_are_those_of_the_pipeline(tmp_path: Path) -> None:
    found = read_environment({"TWINWALL_VAR": str(tmp_path)})
    assert found.import_seconds == DEFAULT_LIMIT_S == 150
    assert found.import_memory_mb * MEGABYTE == Limits().memory_bytes
    assert found.import_disk_mb * MEGABYTE == Limits().disk_bytes
    assert found.import_processes == Limits().processes


def test_variables_come_before_the_instances_file(tmp_path: Path) -> None:
    (tmp_path / "environment.json").write_text('{"import_seconds": 300, "import_processes": 32}')
    found = read_environment({"TWINWALL_VAR": str(tmp_path), "TWINWALL_IMPORT_SECONDS": "600"})
    assert (found.import_seconds, found.import_processes) == (600, 32)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("TWINWALL_IMPORT_SECONDS", "long", "TWINWALL_IMPORT_SECONDS must be a whole number, not 'long'."),
        ("TWINWALL_IMPORT_SECONDS", "4", "TWINWALL_IMPORT_SECONDS must be at least 5, not 4."),
        ("TWINWALL_IMPORT_MEMORY_MB", "-1", "TWINWALL_IMPORT_MEMORY_MB must be at least 512, not -1."),
        ("TWINWALL_IMPORT_DISK_MB", "", "TWINWALL_IMPORT_DISK_MB must be a whole number, not ''."),
        ("TWINWALL_IMPORT_PROCESSES", "7", "TWINWALL_IMPORT_PROCESSES must be at least 8, not 7."),
    ],
)
def test_nonsense_is_refused_with_a_sentence(name: str, value: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentInvalid) as refused:
        read_environment({"TWINWALL_VAR": str(tmp_path), name: value})
    assert str(refused.value) == sentence


def test_the_callers_limits_come_before_the_settings(settings: Any) -> None:
    settings.TWINWALL_IMPORT_SECONDS, settings.TWINWALL_IMPORT_MEMORY_MB = 200.0, 1_000
    settings.TWINWALL_IMPORT_DISK_MB, settings.TWINWALL_IMPORT_PROCESSES = 100, 9
    assert (seconds_or_settings(None), seconds_or_settings(7.0)) == (200.0, 7.0)
    own = Limits(processes=3)
    assert limits_or_settings(own) is own
    assert limits_or_settings(None) == Limits(1_000 * MEGABYTE, 100 * MEGABYTE, 9)
