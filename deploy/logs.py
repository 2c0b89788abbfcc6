"""`./twin logs`: the services' logs, last lines or as they grow."""

import time
from pathlib import Path

from deploy.instance import Instance
from deploy.refusal import Refusal

LOOK_EVERY_S = 0.3


def log_files(instance: Instance, service: str | None) -> dict[str, Path]:
    """This function will return `{service: log}` of one service or all; raises Refusal for an unknown one."""
    found = {path.stem: path for path in sorted(instance.log_dir.glob("*.log"))}
    if service is None:
        return found
    if service not in found:
        known = ", ".join(found) or "none yet; start Twinwall with ./twin up"
        raise Refusal(f"There is no log of {service!r}; there are: {known}.")
    return {service: found[service]}


def print_last_lines(instance: Instance, service: str | None, count: int) -> None:
    """This function will print the last `count` lines of each log, each line with its service's name."""
    for name, path in log_files(instance, service).items():
        for line in path.read_text(errors="replace").splitlines()[-count:]:
            print(f"{name:<12} {line}")


def follow(instance: Instance, service: str | None = None) -> None:
    """This function will print what the logs gain until it is interrupted."""
    places = {name: path.stat().st_size for name, path in log_files(instance, service).items()}
    while True:
        for name, path in log_files(instance, service).items():
            size = path.stat().st_size
            start = places.get(name, 0) if places.get(name, 0) <= size else 0  # a rotated log starts again
            if size > start:
                with path.open("rb") as file:
                    file.seek(start)
                    grown = file.read(size - start)
                for line in grown.decode(errors="replace").splitlines():
                    print(f"{name:<12} {line}", flush=True)
            places[name] = size
        time.sleep(LOOK_EVERY_S)


def follow_until_interrupted(instance: Instance) -> None:
    """This function will follow all logs until Ctrl-C or a termination signal."""
    import signal

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        follow(instance)
    except KeyboardInterrupt:
        print("\nStopping ...")
