"""Ports that are ours stay free until we listen: outgoing connections of other programs do not get them."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from deploy import ports
from deploy.instance import CAMERA_PORTS, find_instance
from deploy.programs import product_programs


def outgoing_range() -> tuple[int, int]:
    first, last = ports.OUTGOING_PORTS.read_text().split()
    return int(first), int(last)


def test_a_free_port_is_never_one_of_those_that_the_system_gives_to_outgoing_connections() -> None:
    first, last = outgoing_range()
    chosen = {ports.free_port() for _ in range(500)}
    assert len(chosen) == 500
    assert all(ports.FIRST_OF_OURS <= port < first for port in chosen)
    with socket.socket() as systems_choice:  # the control: what was done before
        systems_choice.bind((ports.LOCAL, 0))
        assert first <= systems_choice.getsockname()[1] <= last


def test_the_preferred_port_is_taken_where_it_is_free_and_another_where_it_is_not() -> None:
    port = ports.free_port()
    assert ports.free_port(port) == port
    with socket.socket() as taken:
        taken.bind((ports.LOCAL, port))
        taken.listen()
        other = ports.free_port(port)
        assert other != port
        assert ports.is_free(ports.LOCAL, other)


@pytest.mark.parametrize("words", ["1024 65535\n", "", "none"])
def test_where_outgoing_connections_may_have_every_port_the_system_chooses(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ip_local_port_range"
    file.write_text(words)
    first, last = outgoing_range()
    monkeypatch.setattr(ports, "OUTGOING_PORTS", file)
    port = ports.free_port()
    assert first <= port <= last
    assert ports.is_free(ports.LOCAL, port)


@pytest.mark.parametrize("site", [8000, 20_000, 24_489, 30_590, 36_991, 39_999, 60_000])
def test_the_simulated_cameras_of_a_demo_leave_the_sites_own_port_to_it(site: int, tmp_path: Path) -> None:
    """They stood at 20,000 and the site's port modulo 20,000: a site at 36991 found its own port taken."""
    instance = replace(find_instance(), var=tmp_path, home=tmp_path, run=tmp_path)
    cameras = [ports.free_port(), ports.free_port()]
    instance.write_environment(
        http_host=ports.LOCAL, http_port=site, mqtt_port=1, mqtt_own_port=2, jt808_port=3,
        **dict(zip(CAMERA_PORTS, cameras, strict=True)),
    )  # fmt: skip
    programs = product_programs(instance, host=ports.LOCAL, port=site, demo=True)
    users = {program.name for program in programs if str(site) in program.command}
    assert users == {"web"}
    simulator = next(program.command for program in programs if program.name == "simulator")
    assert list(simulator[-3:]) == ["--cameras", *map(str, cameras)]
    empty = product_programs(instance, host=ports.LOCAL, port=site, demo=False)
    assert not any(str(camera) in " ".join(program.command) for program in empty for camera in cameras)
