"""Ports that are ours stay free until we listen: outgoing connections of other programs do not get them."""

import socket
from pathlib import Path

import pytest

from deploy import ports


def outgoing_range() -> tuple[int, int]:
    first, last = ports.OUTGOING_PORTS.read_text().split()
    return int(first), int(last)


def test_a_free_port_is_never_one_of_those_that_the_system_gives_to_outgoing_connections() -> None:
    first, last = outgoing_range()
    chosen = {ports.free_port() for _ in range(500)}
    assert len(chosen) > 400
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
