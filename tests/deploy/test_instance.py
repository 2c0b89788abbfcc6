"""Where an instance lives on disk, and who may reach it."""

import os
from pathlib import Path

import pytest

from deploy.account import Account
from deploy.instance import LONGEST_SOCKET, find_instance
from deploy.packages import Distribution, read_distribution, wanted_packages
from deploy.refusal import Refusal


def test_sockets_stay_short_below_a_very_deep_folder(tmp_path: Path) -> None:
    deep = tmp_path / "/".join(["a-rather-long-folder-name"] * 8) / "var"
    instance = find_instance(deep)
    assert len(os.fsencode(instance.supervisor_dir / "supervisor.sock")) <= LONGEST_SOCKET
    assert len(os.fsencode(instance.postgres_socket / ".s.PGSQL.5432.lock")) < 107


def test_of_the_callers_settings_the_services_get_the_limits_of_imports_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINWALL_IMPORT_SECONDS", "600")
    monkeypatch.setenv("TWINWALL_PG_PORT", "1")
    given = find_instance(tmp_path / "var").process_environment()
    assert given["TWINWALL_IMPORT_SECONDS"] == "600" and "TWINWALL_PG_PORT" not in given


def test_a_folder_closed_to_others_cannot_be_entered(tmp_path: Path) -> None:
    (tmp_path / "closed" / "inner").mkdir(parents=True)
    stranger = Account("stranger", 54321, 54321)
    owner = Account("owner", (tmp_path / "closed").stat().st_uid, 54321)
    (tmp_path / "closed").chmod(0o700)
    assert not stranger.can_enter(tmp_path / "closed" / "inner")
    assert owner._permits(tmp_path / "closed", 1)


def test_services_of_a_closed_checkout_get_a_folder_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Account("stranger", 54321, 54321)
    monkeypatch.setattr("deploy.instance.choose_account", lambda *_, **__: stranger)
    (tmp_path / "closed").mkdir(mode=0o700)
    instance = find_instance(tmp_path / "closed" / "var", root=tmp_path / "closed")
    assert instance.home.parent == Path("/var/lib/twinwall")
    assert instance.runs_from_copy
    assert instance.code_dir == instance.home / "release"
    assert instance.venv == instance.home / "venv"


@pytest.mark.parametrize(
    ("name", "codename", "server"),
    [("debian", "bookworm", "postgresql-15"), ("ubuntu", "noble", "postgresql-16")],
)
def test_each_supported_distribution_names_its_database(name: str, codename: str, server: str) -> None:
    wanted = wanted_packages(Distribution(name, codename), for_tests=False)
    assert wanted[:2] == [server, f"{server}-postgis-3"]
    assert "chromium" not in wanted


def test_an_unsupported_system_is_refused_by_name(tmp_path: Path) -> None:
    release = tmp_path / "os-release"
    release.write_text('ID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n')
    with pytest.raises(Refusal, match=r"This is Alpine Linux v3.20; Twinwall runs on Debian 12 and Ubuntu 24.04"):
        read_distribution(release)
