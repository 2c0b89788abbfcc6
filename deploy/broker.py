"""The private Mosquitto: no anonymous client, one password and topic pattern per device.

It listens on 127.0.0.1, at a port for devices and one for our own services, and on the network where a door was
opened (deploy/device_doors.py).

The product writes `mosquitto.passwd` and `mosquitto.acl` into the secrets folder (mode 600, whoever wrote
them). `python3 -m deploy.broker HOME` is the supervised process: it hands the broker its own copies, starts it
and tells it to read them again whenever they change, so a new device can connect a second after registration.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

from deploy.account import Account, account_by_uid
from deploy.device_doors import CERTIFICATE, KEY, Doors, listeners
from deploy.instance import Instance, write_atomically

SETTINGS = """\
per_listener_settings false
{listeners}
allow_anonymous false
password_file {folder}/passwd
acl_file {folder}/acl
persistence true
persistence_location {folder}/
autosave_interval 60
max_queued_messages 100000
max_queued_bytes 1073741824
max_inflight_messages 10000
max_inflight_bytes 67108864
persistent_client_expiration 3d
max_packet_size 1048576
connection_messages false
log_dest stderr
log_type error
log_type warning
log_type notice
"""
FILES = {"mosquitto.passwd": "passwd", "mosquitto.acl": "acl", CERTIFICATE: "server.crt", KEY: "server.key"}
LOOK_EVERY_S = 0.5
STAYS_UP_S = 1.0


def settings_text(folder: Path, port: int, own_port: int, doors: Doors) -> str:
    """This function will return `mosquitto.conf` of a broker that keeps its files in a folder."""
    return SETTINGS.format(listeners=listeners(doors, port, own_port, folder), folder=folder)


def write_settings(instance: Instance, port: int, own_port: int, doors: Doors) -> bool:
    """This function will write `mosquitto.conf` and tell whether it differs from what was there."""
    file = instance.home / "mosquitto.conf"
    text = settings_text(instance.broker_dir, port, own_port, doors)
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return False
    write_atomically(file, text)
    return True


def forget_sessions(instance: Instance) -> None:
    """This function will drop what a stopped broker remembers: sessions, and what it holds for them."""
    (instance.broker_dir / "mosquitto.db").unlink(missing_ok=True)


def is_ready(port: int) -> bool:
    """This function will tell whether the broker accepts connections."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def serve(home: Path) -> int:
    """This function will run the broker until it is told to end, keeping its credentials as the product wrote them.

    A broker that crashed is started again at once; one that does not stay up is the supervisor's to slow down.
    """
    folder = home / "mosquitto"
    account = account_by_uid(folder.stat().st_uid)
    stopping = Event()
    seen = _copy_credentials(home, account.uid, account.gid)
    broker, started = _start(home, account), time.monotonic()

    def stop(*_: object) -> None:
        stopping.set()
        broker.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while True:
        try:
            status = broker.wait(LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            if _versions(home) != seen:
                seen = _copy_credentials(home, account.uid, account.gid)
                broker.send_signal(signal.SIGHUP)
            continue
        if stopping.is_set() or time.monotonic() - started < STAYS_UP_S:
            return status
        print(f"The broker ended with status {status}; starting it again.", file=sys.stderr, flush=True)
        broker, started = _start(home, account), time.monotonic()


def _start(home: Path, account: Account) -> subprocess.Popen[bytes]:
    """Start the broker; it ends with its keeper, so that no orphan holds the port when the keeper is killed."""
    command = ["/usr/sbin/mosquitto", "-c", str(home / "mosquitto.conf")]
    return subprocess.Popen(command, preexec_fn=_end_with_parent, **account.process_options())


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _versions(home: Path) -> tuple[tuple[int, int, int], ...]:
    states = [(home / "secrets" / name).stat() for name in FILES if (home / "secrets" / name).exists()]
    return tuple((state.st_ino, state.st_mtime_ns, state.st_size) for state in states)


def _copy_credentials(home: Path, uid: int, gid: int) -> tuple[tuple[int, int, int], ...]:
    versions = _versions(home)
    for source, target in FILES.items():
        file = home / "secrets" / source
        text = file.read_bytes() if file.exists() else b""
        new = home / "mosquitto" / f"{target}.new"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(text)
        if os.geteuid() == 0:
            os.chown(new, uid, gid)
        new.replace(home / "mosquitto" / target)
    return versions


def wait_until_ready(port: int, timeout_s: float) -> bool:
    """This function will wait for the broker and tell whether it came."""
    end = time.monotonic() + timeout_s
    while not is_ready(port):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[1])))
