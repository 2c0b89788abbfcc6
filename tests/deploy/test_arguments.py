"""What `./twin` says to wrong arguments."""

import subprocess
from pathlib import Path

import pytest

from deploy.cli import main
from deploy.instance import ROOT


@pytest.fixture
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder that no command has touched."""
    monkeypatch.setenv("TWINWALL_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


def test_an_unknown_command_is_named_and_help_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    assert capsys.readouterr().err == "./twin knows no command 'fly'; ./twin help lists them.\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    from deploy.cli import HANDLERS

    assert main(["help"]) == 0
    printed = capsys.readouterr().out
    assert [name for name in HANDLERS if f"./twin {name}" not in printed] == []


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80.5"])
def test_a_port_that_is_no_port_is_refused(port: str, somewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["up", f"--port={port}"])
    assert ended.value.code == 2
    assert f"a port is a number from 1 to 65535, not '{port}'" in capsys.readouterr().err
    assert not somewhere.exists()


def test_manage_before_the_first_up_says_what_to_do(somewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manage", "check"]) == 1
    assert "start it with ./twin up" in capsys.readouterr().err
    assert not somewhere.exists()


def test_backup_before_the_first_up_says_what_to_do_and_writes_nothing(
    somewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path / "copy.twin")]) == 1
    assert capsys.readouterr().err == ("There is no Twinwall here yet to back up; start it with ./twin up.\n")
    assert list(tmp_path.iterdir()) == []


def test_down_without_anything_running_is_harmless(somewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down"]) == 0
    assert capsys.readouterr().out == "Twinwall was not running.\n"
    assert not somewhere.exists()


def test_the_log_of_an_unknown_service_is_refused(somewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "teapot"]) == 1
    assert "There is no log of 'teapot'" in capsys.readouterr().err


def test_an_unknown_proof_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "nothing"]) == 1
    assert "there are: cold" in capsys.readouterr().err


def test_the_script_works_from_any_folder_even_one_with_a_package_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "__init__.py").touch()
    (tmp_path / "twin").symlink_to(ROOT / "twin")
    done = subprocess.run([str(tmp_path / "twin"), "help"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        "Twinwall: dual prevention made spatial.",
    )
