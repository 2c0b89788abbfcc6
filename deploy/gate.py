"""`python -m deploy.gate SERVICE ... -- COMMAND`: wait until services answer, then become the command.

A process restarted after a crash of the database does not crash again and again while it recovers.
"""

import json
import os
import socket
import sys
import time
from pathlib import Path

LONGEST_WAIT_S = 120


def _postgres_answers(values: dict[str, object]) -> bool:
    """A server that is still starting says so (SQLSTATE 57P03) to a start-up packet."""
    body = b"\x00\x03\x00\x00user\x00twinwall_app\x00database\x00" + str(values["pg_database"]).encode() + b"\x00\x00"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(f"{values['pg_host']}/.s.PGSQL.{values['pg_port']}")
        connection.sendall((len(body) + 4).to_bytes(4, "big") + body)
        answer = connection.recv(512)
    return bool(answer) and b"57P03" not in answer


def _redis_answers(values: dict[str, object]) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(str(values["redis_url"]).removeprefix("unix://"))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


def _mosquitto_answers(values: dict[str, object]) -> bool:
    with socket.create_connection((str(values["mqtt_host"]), int(str(values["mqtt_port"]))), timeout=2):
        return True


PROBES = {"postgres": _postgres_answers, "redis": _redis_answers, "mosquitto": _mosquitto_answers}


def wait_for(services: list[str], values: dict[str, object]) -> str | None:
    """This function will wait for each service and return the first one that stayed silent, or None."""
    end = time.monotonic() + LONGEST_WAIT_S
    for service in services:
        while True:
            try:
                if PROBES[service](values):
                    break
            except OSError:
                pass
            if time.monotonic() > end:
                return service
            time.sleep(0.1)
    return None


def main(arguments: list[str]) -> int:
    """This function will wait, then replace this process by the command."""
    cut = arguments.index("--")
    values = json.loads((Path(os.environ["TWINWALL_VAR"]) / "environment.json").read_text(encoding="utf-8"))
    silent = wait_for(arguments[:cut], values)
    if silent:
        print(f"{silent} did not answer within {LONGEST_WAIT_S} s.", file=sys.stderr)
        return 1
    command = arguments[cut + 1 :]
    os.execv(command[0], command)
    return 1  # not reached: execv does not come back


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
