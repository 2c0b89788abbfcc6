"""The private Redis: on a unix socket only; it holds queues and wake-ups, never the only copy of a fact."""

import socket

from deploy.instance import Instance, write_atomically

SETTINGS = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
daemonize no
appendonly no
save 300 100
maxmemory-policy noeviction
loglevel notice
logfile ""
"""


def write_settings(instance: Instance) -> None:
    """This function will write `redis.conf`."""
    text = SETTINGS.format(socket=instance.redis_socket, folder=instance.redis_dir)
    write_atomically(instance.home / "redis.conf", text)


def is_ready(instance: Instance) -> bool:
    """This function will tell whether Redis answers PING."""
    try:
        return _ask(instance, b"PING") == b"+PONG"
    except OSError:
        return False


def forget_everything(instance: Instance) -> None:
    """This function will empty Redis: after a restore its queues and cached tiles belong to other data."""
    _ask(instance, b"FLUSHALL")


def _ask(instance: Instance, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(instance.redis_socket))
        connection.sendall(command + b"\r\n")
        return connection.recv(64).strip()
