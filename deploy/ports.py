"""TCP ports: is one free, and which one to take."""

import http.client
import socket
import urllib.error
import urllib.request

LOCAL = "127.0.0.1"


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
    """This function will return `preferred` where it is free, else a free port of the system's choice."""
    if preferred and is_free(LOCAL, preferred):
        return preferred
    with socket.socket() as trial:
        trial.bind((LOCAL, 0))
        return int(trial.getsockname()[1])


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
