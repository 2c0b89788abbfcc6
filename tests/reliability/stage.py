"""A Twinwall of its own for killing: production settings (a commit is on the disk), supervised, without the demo."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from deploy import postgres
from deploy.bringup import migrate, start_infrastructure
from deploy.broker import is_ready
from deploy.ingest_sharing import share_ingest
from deploy.instance import DATABASE, PG_PORT, ROOT, Instance, find_instance
from deploy.ports import LOCAL, answers_healthy, free_port, is_free
from deploy.programs import INFRASTRUCTURE, Program, infrastructure_programs, ingest_names, product_programs
from deploy.supervision import Supervisor, wait_until
from ingest.gateway.running import read_status
from tests.conftest import Product

LISTENING = "Receiving live messages from the broker"
STANDING_BY = "Standing by"


class Stage(Product):
    """The running services, what they hold, and how to kill each of them."""

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        self.supervisor = Supervisor(self.instance)
        self.cast: dict[str, Any] = {}
        self._runs = 0
        self.ingest = self.gateway = ""
        self.ingest_names: list[str] = []
        self.gateway_port = 0

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query, asked as superuser on a connection of its own."""
        address = f"host={self.instance.postgres_socket} port={PG_PORT} dbname={DATABASE} user={postgres.SUPERUSER}"
        with psycopg.connect(address, autocommit=True) as connection:
            return connection.execute(sql, values or None).fetchall()

    def rows_written(self, sql: str) -> None:
        """Run a command that answers nothing."""
        postgres.run_sql(self.instance, sql)

    def number(self, sql: str, *values: Any) -> int:
        """Return the one number that a query answers with."""
        return int(self.rows(sql, *values)[0][0])

    @property
    def broker(self) -> tuple[str, int]:
        """Host and port of the broker."""
        values = self.instance.environment()
        return str(values["mqtt_host"]), int(values["mqtt_port"])

    def run(
        self,
        *,
        fault: str = "",
        gateway_fault: str = "",
        gateway: bool = False,
        web: bool = False,
        uplink: tuple[str, int] | None = None,
        workers: int = 1,
    ) -> None:
        """Run the product's ingest service and, if asked, a gateway and the web service.

        A fault names the safeguard that is off; then nobody stands by. `uplink` is where the gateway believes the
        broker to be.
        """
        self._runs += 1
        self.supervisor.stop(*(name for name in self.supervisor.states() if name not in INFRASTRUCTURE))
        share_ingest(self.instance, workers)
        self.supervisor.start("mosquitto")
        assert wait_until(lambda: is_ready(self.broker[1]), 30)
        names = ingest_names(workers)
        ingest = [each for each in self._product(workers) if each.name in names]
        if fault:
            ingest = [Program(f"ingest{self._runs}", self._without(fault), as_caller=True)]
        programs, self.ingest, self.gateway = [*ingest], ingest[0].name, ""
        self.ingest_names = [each.name for each in ingest]
        at_work = 1 if fault else workers
        if gateway:
            file = str(self._write_gateway_file(f"-{self._runs}", uplink or self.broker))
            command = (str(self.instance.python), "-m", "ingest.gateway", file)
            command = self._without(gateway_fault, file) if gateway_fault else command
            programs.append(Program(f"gateway{self._runs}", command, as_caller=True))
            self.gateway = programs[-1].name
        programs += [each for each in self._product(workers) if each.name == "web"] if web else []
        before = self._said(LISTENING)
        waited = self._said(STANDING_BY)
        self.supervisor.apply([*infrastructure_programs(self.instance), *programs])
        late = self.ingest_names[at_work:]  # which is the first to work is then known: the first of them
        self.supervisor.start(*(each.name for each in programs if each.name not in late))
        assert wait_until(lambda: self._said(LISTENING) >= before + at_work, 240), self.log(self.ingest)[-2000:]
        self.supervisor.start(*late)
        assert not late or wait_until(lambda: self._said(STANDING_BY) > waited, 120), self.log(late[-1])[-2000:]
        if web:
            values = self.instance.environment()
            assert wait_until(lambda: answers_healthy(values["http_port"]), 90), self.log("web")[-2000:]
        if gateway:
            assert wait_until(lambda: not is_free(LOCAL, self.gateway_port), 30), self.log(self.gateway)[-2000:]

    def _without(self, *arguments: str) -> tuple[str, ...]:
        python = str(self.instance.python)
        return ("/usr/bin/env", f"PYTHONPATH={ROOT}", python, "-m", "tests.reliability.without_safeguard", *arguments)

    def _write_gateway_file(self, fresh: str, uplink: tuple[str, int]) -> Path:
        host, port = uplink
        account = self.cast["gateways"][0]
        self.gateway_port = free_port()
        self._gateway_status = self.var / f"journal{fresh}.status.json"
        body = {
            "site": self.cast["site"],
            "gateway": account["code"],
            "password": account["password"],
            "broker": {"host": host, "port": port},
            "listen": {"host": LOCAL, "port": self.gateway_port},
            "journal": {"file": f"journal{fresh}.sqlite3"},
        }
        file = self.var / f"gateway{fresh}.json"
        file.write_text(json.dumps(body))
        return file

    def _product(self, workers: int) -> list[Program]:
        values = self.instance.environment()
        host, port = values["http_host"], values["http_port"]
        return product_programs(self.instance, host=host, port=port, demo=False, ingest_workers=workers)

    def _said(self, words: str) -> int:
        return sum(self.log(name).count(words) for name in self.ingest_names)

    def log(self, program: str) -> str:
        """Return what a program has logged."""
        file = self.instance.log_dir / f"{program}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def pid_of(self, target: str) -> int | None:
        """Return the process to kill for a target; of the broker and of ingest the one that works, not its keeper."""
        if target in ("ingest", "ingest's keeper"):
            keepers = self.keepers_at_work()
            return None if not keepers else keepers[0] if target == "ingest's keeper" else _child(keepers[0])
        name = {"broker": "mosquitto", "broker's keeper": "mosquitto", "gateway": self.gateway}.get(target, target)
        pid = self._pids().get(name, 0)
        return (_child(pid) if target == "broker" and pid else pid) or None

    def keepers_at_work(self) -> list[int]:
        """Return the processes of ingest that have forked one that works; another one stands by."""
        pids = self._pids()
        return [pid for name in self.ingest_names if (pid := pids.get(name, 0)) and _child(pid)]

    def worker_at(self, place: int) -> int:
        """Return the process that works at one of the places of ingest."""
        pids = self._pids()
        for name in self.ingest_names:
            text = self.log(name)
            at = text.rfind("Working at place ")
            if at > text.rfind(STANDING_BY) and text[at:].startswith(f"Working at place {place} of"):
                return _child(pids[name])
        raise LookupError(f"nobody works at place {place}")

    def _pids(self) -> dict[str, int]:
        entries = self.supervisor._calls.getAllProcessInfo()
        return {entry["name"]: entry["pid"] for entry in entries if entry["statename"] == "RUNNING"}

    def murder(self, target: str) -> bool:
        """Kill a target by SIGKILL; False when it is not running at the moment."""
        try:
            pid = self.pid_of(target)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
            return pid is not None
        except ProcessLookupError:
            return False

    def everything_runs(self) -> bool:
        """Whether all programs run (again)."""
        gateway = ("gateway",) if self.gateway else ()
        targets = ("postgres", "redis", "broker", "ingest", *gateway)
        return all(self.pid_of(name) for name in targets) and self._somebody_stands_by()

    def _somebody_stands_by(self) -> bool:
        """Whether a process of ingest has loaded everything and waits for a place; a trial without one needs none."""
        logs = [self.log(name) for name in self.ingest_names]
        return len(logs) == 1 or any(text.rfind(STANDING_BY) > text.rfind("Working at place ") for text in logs)

    def gateway_state(self) -> dict[str, Any]:
        """What the gateway says of itself."""
        return read_status(self._gateway_status, time.time())

    def gateway_is_empty(self) -> bool:
        """Whether the gateway, if one runs, has brought everything to the platform; as it says itself."""
        if not self.gateway:
            return True
        state = self.gateway_state()
        return bool(state["running"]) and state["held_lines"] == 0 and time.time() - state["written_at"] < 1


def _child(pid: int) -> int:
    with suppress(OSError):  # it has ended
        children = Path("/proc", str(pid), "task", str(pid), "children").read_text().split()
        return int(children[0]) if children else 0
    return 0


@contextmanager
def open_stage(
    folder: Path, *, devices: int, gateways: int, throwaway: bool = False, schema: Path | None = None
) -> Iterator[Stage]:
    """This function will start database, cache, broker and ingest in a folder, with a site and its devices.

    `throwaway` is the negative control of the database: a commit is answered before it is on the disk. `schema` is
    a dump of the tables, which a test has already.
    """
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    instance: Instance = find_instance(folder, create=True)
    try:
        # The tables are made without fsync (minutes less); then the server starts again as the product runs it.
        start_infrastructure(instance, host=LOCAL, port=free_port(), throwaway=True)
        if schema is None:
            migrate(instance)
        else:
            postgres.run_sql(instance, schema.read_text(encoding="utf-8"))
        if not throwaway:
            Supervisor(instance).shutdown()
            start_infrastructure(instance, host=LOCAL, port=free_port())
        stage = Stage(folder)
        options = {"devices": devices, "gateways": gateways}
        done = stage.manage("shell", "-v", "0", "-c", CAST.format(root=str(ROOT), options=options))
        stage.cast = json.loads(done.strip().splitlines()[-1])
        stage.rows_written("CHECKPOINT")  # as a server that has run for a while: only the last minutes are to recover
        yield stage
    finally:
        Supervisor(instance).shutdown()


CAST = """
import sys
sys.path.insert(0, {root!r})
from tests.reliability.cast import build
print(build(**{options}))
"""
