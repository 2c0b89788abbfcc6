"""TCP ports: is one free, and which one to take."""

import http.client
import secrets
import socket
import urllib.error
import urllib.request
from pathlib import Path

LOCAL = "127.0.0.1"
OUTGOING_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""From here the system takes the ports of outgoing connections."""
FIRST_OF_OURS = 20_000
"""Below lie the ports that people choose, and those of the demo's gateway (`webmap.demo.loading.gateway`)."""
TRIES = 100
_returned: set[int] = set()


def is_free(host: str, port: int) -> bool:
    """This function will tell whether a server could listen on `host:port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int = 0) -> int:
    """This function will return `preferred` where it is free, else a free port that no outgoing connection gets.

    Between the choice and the server that listens there can be minutes, and after a stop the same port is wanted again.
    A port of the system's own choice (bind to 0) comes from the range of outgoing connections, so one of those could
    have it by then. Where that range leaves nothing above FIRST_OF_OURS, it is of the system's choice all the same.
    No port of our choice is returned twice in the life of a process: nobody may listen at it yet.
    """
    if preferred and is_free(LOCAL, preferred):
        return preferred
    below = _first_outgoing_port()
    for _ in range(TRIES if below > FIRST_OF_OURS else 0):
        port = FIRST_OF_OURS + secrets.randbelow(below - FIRST_OF_OURS)
        if port not in _returned and is_free(LOCAL, port):
            _returned.add(port)
            return port
    with socket.socket() as trial:
        trial.bind((LOCAL, 0))
        return int(trial.getsockname()[1])


def _first_outgoing_port() -> int:
    """Return the first port of the range of outgoing connections; 0 where this system does not say."""
    try:
        return int(OUTGOING_PORTS.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def answers_healthy(port: int, host: str = LOCAL) -> bool:
    """This function will tell whether `GET /healthz` answers 200 there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{url_host(host)}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, http.client.HTTPException, OSError):  # nobody there, or somebody else
        return False


def url_host(host: str) -> str:
    """This function will return the host of an address under which this machine reaches `host`."""
    if host in ("0.0.0.0", "::", ""):
        return LOCAL
    return f"[{host}]" if ":" in host else host
