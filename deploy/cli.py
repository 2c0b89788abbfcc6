"""The commands of `./twin`; each one translates its arguments and makes one call."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.refusal import Refusal

if TYPE_CHECKING:
    from deploy.device_doors import Doors

HELP = """\
Twinwall: dual prevention made spatial.

  ./twin up [--host H] [--port P] [--empty] [--foreground] [--ingest-workers N]
                                                             start everything (first time: install, load the demo)
              [--mqtt-tls CERT KEY | --mqtt-plain | --mqtt-local]   let devices on the network reach the broker
  ./twin down                                                stop everything; the data stays
  ./twin status [--json]                                     what runs, the address, the demo's logins
  ./twin logs [SERVICE] [--follow]                           the last lines of the services' logs
  ./twin manage ...                                          Django's manage.py in this Twinwall's environment
  ./twin backup FILE                                         database, media and keys into one file
  ./twin restore FILE                                        put such a file in place of the present data
  ./twin test [PYTEST ARGUMENTS]                             the tests, on throw-away services of their own
  ./twin check                                               formatting, types, import contracts, migrations
  ./twin bench [NAME] [--pairs N] [--json FILE]              measurements against a peer
  ./twin prove [NAME]                                        long proofs (`cold`: a bare Debian 12)
  ./twin pictures [FOLDER [PAGE ...]]                        photograph the running demo's pages (docs/images)

TWINWALL_VAR names the folder of the instance (default: var/ in the checkout).
"""


def main(arguments: list[str]) -> int:
    """This function will run one command and return its exit status."""
    command = arguments[0] if arguments else "help"
    if command in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    handler = HANDLERS.get(command)
    if handler is None:
        print(f"./twin knows no command {command!r}; ./twin help lists them.", file=sys.stderr)
        return 2
    os.umask(0o022)  # the services' account has to read what root installs
    try:
        return handler(arguments[1:])
    except Refusal as refusal:
        sys.stdout.flush()
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _up(arguments: list[str]) -> int:
    from deploy.bringup import UpOptions, bring_up
    from deploy.logs import follow_until_interrupted

    parser = argparse.ArgumentParser(prog="./twin up")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1, this machine only)")
    parser.add_argument("--port", type=_port, help="port to listen on (default 8000)")
    parser.add_argument("--empty", action="store_true", help="start without the demo")
    parser.add_argument("--foreground", action="store_true", help="follow the logs; Ctrl-C stops everything")
    parser.add_argument(
        "--ingest-workers", type=int, choices=range(1, 17), metavar="N", help="processes that take messages (default 1)"
    )
    doors = parser.add_mutually_exclusive_group()
    doors.add_argument(
        "--mqtt-tls", nargs=2, type=Path, metavar=("CERT", "KEY"), help="let devices in by TLS, port 8883"
    )
    doors.add_argument("--mqtt-plain", action="store_true", help="let devices in without TLS: closed networks only")
    doors.add_argument("--mqtt-local", action="store_true", help="let no device in from the network (the default)")
    parser.add_argument("--mqtt-tls-port", type=_port, default=8883, metavar="P", help="with --mqtt-tls (default 8883)")
    given = parser.parse_args(arguments)
    instance = bring_up(
        UpOptions(
            host=given.host,
            port=given.port,
            empty=given.empty,
            ingest_workers=given.ingest_workers,
            doors=_doors(given),
        )
    )
    if given.foreground:
        follow_until_interrupted(instance)
        return _down([])
    return 0


def _doors(given: argparse.Namespace) -> "Doors | None":
    """Return the doors that were asked for; None for those of last time."""
    from deploy.device_doors import Doors

    if given.mqtt_tls:
        certificate, key = (file.resolve() for file in given.mqtt_tls)
        return Doors(certificate, key, tls_port=given.mqtt_tls_port)
    return Doors(plain=given.mqtt_plain) if given.mqtt_plain or given.mqtt_local else None


def _down(arguments: list[str]) -> int:
    from deploy.bringup import bring_down

    argparse.ArgumentParser(prog="./twin down").parse_args(arguments)
    print("Twinwall has stopped; its data stays." if bring_down() else "Twinwall was not running.")
    return 0


def _status(arguments: list[str]) -> int:
    from deploy.instance import find_instance
    from deploy.status import print_status

    parser = argparse.ArgumentParser(prog="./twin status")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    print_status(find_instance(), as_json=parser.parse_args(arguments).json)
    return 0


def _logs(arguments: list[str]) -> int:
    from deploy.instance import find_instance
    from deploy.logs import follow, print_last_lines

    parser = argparse.ArgumentParser(prog="./twin logs")
    parser.add_argument("service", nargs="?", help="one service (default: all)")
    parser.add_argument("--follow", "-f", action="store_true", help="go on printing")
    parser.add_argument("--lines", "-n", type=int, default=20, help="how many lines of each (default 20)")
    given = parser.parse_args(arguments)
    instance = find_instance()
    print_last_lines(instance, given.service, given.lines)
    if given.follow:
        follow(instance, given.service)
    return 0


def _manage(arguments: list[str]) -> int:
    from deploy.instance import find_instance
    from deploy.management import run_manage

    instance = find_instance()
    if not instance.environment():
        raise Refusal("There is no Twinwall here yet; start it with ./twin up and run the command again.")
    return run_manage(instance, arguments)


def _backup(arguments: list[str]) -> int:
    from deploy.backup import back_up

    parser = argparse.ArgumentParser(prog="./twin backup")
    parser.add_argument("file", type=Path, help="the file to write")
    back_up(parser.parse_args(arguments).file)
    return 0


def _restore(arguments: list[str]) -> int:
    from deploy.restore import restore

    parser = argparse.ArgumentParser(prog="./twin restore")
    parser.add_argument("file", type=Path, help="a file that ./twin backup wrote")
    restore(parser.parse_args(arguments).file)
    return 0


def _test(arguments: list[str]) -> int:
    from deploy.throwaway import run_tests

    return run_tests(arguments)


def _check(arguments: list[str]) -> int:
    from deploy.checks import run_checks

    argparse.ArgumentParser(prog="./twin check").parse_args(arguments)
    return run_checks()


def _bench(arguments: list[str]) -> int:
    from deploy.throwaway import run_module

    return run_module("tests.benchmarks", arguments)


def _pictures(arguments: list[str]) -> int:
    from deploy.throwaway import photograph

    return photograph(arguments)


def _prove(arguments: list[str]) -> int:
    from deploy.proofs import prove

    return prove(arguments)


HANDLERS: dict[str, Callable[[list[str]], int]] = {
    "up": _up,
    "down": _down,
    "status": _status,
    "logs": _logs,
    "manage": _manage,
    "backup": _backup,
    "restore": _restore,
    "test": _test,
    "check": _check,
    "bench": _bench,
    "prove": _prove,
    "pictures": _pictures,
}
