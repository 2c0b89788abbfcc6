"""Packages of a Node project are installed as its lock file says, once, or refused with nothing left half-made."""

import json
from pathlib import Path

import pytest

from deploy.instance import find_instance
from deploy.npm import install_packages, packages_are_current
from deploy.refusal import Refusal


def write_project(folder: Path, version: str, dependencies: dict[str, str]) -> None:
    """Write a project whose lock file names a package in a folder beside it: nothing is fetched."""
    (folder / "beside").mkdir(parents=True, exist_ok=True)
    beside = {"name": "beside", "version": version}
    (folder / "beside" / "package.json").write_text(json.dumps(beside))
    root = {"name": "project", "version": "1.0.0", "dependencies": {"beside": "file:beside"}}
    (folder / "package.json").write_text(json.dumps({**root, "dependencies": dependencies}))
    lock = {
        "name": "project", "version": "1.0.0", "lockfileVersion": 3,
        "packages": {
            "": root, "beside": {"version": version}, "node_modules/beside": {"resolved": "beside", "link": True},
        },
    }  # fmt: skip
    (folder / "package-lock.json").write_text(json.dumps(lock))


def test_packages_are_installed_once_and_again_when_the_lock_changes(tmp_path: Path) -> None:
    instance, log = find_instance(), tmp_path / "install.log"
    write_project(tmp_path, "1.0.0", {"beside": "file:beside"})
    assert not packages_are_current(tmp_path)
    install_packages(instance, tmp_path, log)
    assert packages_are_current(tmp_path)
    installed = json.loads((tmp_path / "node_modules" / "beside" / "package.json").read_text())
    assert installed["version"] == "1.0.0"
    words = log.read_text()
    install_packages(instance, tmp_path, log)
    assert log.read_text() == words
    write_project(tmp_path, "1.0.1", {"beside": "file:beside"})
    assert not packages_are_current(tmp_path)
    install_packages(instance, tmp_path, log)
    assert packages_are_current(tmp_path)


def test_a_lock_that_does_not_fit_is_refused_and_nothing_half_made_stays(tmp_path: Path) -> None:
    log = tmp_path / "install.log"
    write_project(tmp_path, "1.0.0", {"beside": "file:beside", "missing": "file:missing"})
    with pytest.raises(Refusal, match=r"npm ci .* failed in .*details are in"):
        install_packages(find_instance(), tmp_path, log)
    assert not (tmp_path / "node_modules").exists()
    assert not packages_are_current(tmp_path)
