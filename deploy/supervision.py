"""Talking to supervisord over its unix socket: start, stop, states."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable
from typing import Any

from deploy.account import is_root
from deploy.instance import Instance, write_atomically
from deploy.programs import INFRASTRUCTURE, Program, settings_file, supervisor_settings
from deploy.refusal import Refusal

ALREADY_STARTED, NOT_RUNNING = 60, 70


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=90)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class _SocketTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _SocketConnection(self.path)


class Supervisor:
    """The supervisord of one instance, running or not."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.socket = instance.supervisor_dir / "supervisor.sock"

    @property
    def _calls(self) -> Any:
        return xmlrpc.client.ServerProxy("http://localhost", transport=_SocketTransport(str(self.socket))).supervisor

    def is_running(self) -> bool:
        """This function will tell whether supervisord answers."""
        try:
            return self._calls.getState()["statename"] == "RUNNING"
        except (OSError, http.client.HTTPException):
            return False

    def states(self) -> dict[str, str]:
        """This function will return `{name: state}`, supervisor's states in lower case; empty when down."""
        try:
            return {entry["name"]: entry["statename"].lower() for entry in self._calls.getAllProcessInfo()}
        except (OSError, http.client.HTTPException):
            return {}

    def apply(self, programs: list[Program], *, bound_to_caller: bool = False) -> None:
        """This function will make supervisord know exactly these programs, starting it when it is down.

        Programs whose settings changed are stopped; `bound_to_caller` ends it with the calling process.
        """
        user = self.instance.account.name if is_root() else None
        write_atomically(settings_file(self.instance), supervisor_settings(self.instance, programs, user=user))
        if not self.is_running():
            self._launch(bound_to_caller)
            return
        added, changed, removed = self._calls.reloadConfig()[0]
        for name in (*removed, *changed):
            self.stop(name)
            self._calls.removeProcessGroup(name)
        for name in (*changed, *added):
            self._calls.addProcessGroup(name)

    def _launch(self, bound_to_caller: bool) -> None:
        command = [
            str(self.instance.python),
            "-m",
            "supervisor.supervisord",
            "-c",
            str(settings_file(self.instance)),
        ]
        options: dict[str, Any] = {
            "env": self.instance.process_environment(as_account=False),
            "cwd": "/",
            "start_new_session": True,
        }
        quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        if bound_to_caller:
            subprocess.Popen([*command, "--nodaemon"], preexec_fn=_die_with_parent, **options, **quiet)
        else:
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
            if done.returncode != 0:
                raise Refusal(f"The supervisor did not start: {(done.stderr or done.stdout).strip()}")
        if not wait_until(self.is_running, 20):
            raise Refusal(f"The supervisor did not answer; its log is {self.instance.log_dir}/supervisord.log.")

    def start(self, *names: str) -> None:
        """This function will start programs without waiting for them."""
        for name in names:
            try:
                self._calls.startProcess(name, False)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != ALREADY_STARTED:
                    raise Refusal(f"{name} did not start: {fault.faultString}; see ./twin logs {name}.") from None

    def stop(self, *names: str) -> None:
        """This function will stop programs side by side and wait until all of them have ended."""
        for name in names:
            try:
                self._calls.stopProcess(name, False)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != NOT_RUNNING:
                    raise Refusal(f"{name} did not stop: {fault.faultString}.") from None
        if not wait_until(lambda: not self._moving(names), 90):
            raise Refusal(f"{', '.join(self._moving(names))} did not stop; see ./twin logs.")

    def _moving(self, names: tuple[str, ...]) -> list[str]:
        states = self.states()
        return [name for name in names if states.get(name) in ("running", "starting", "stopping", "backoff")]

    def kill(self, name: str) -> None:
        """This function will kill a program the hard way, as a crash would; supervisord starts it again."""
        os.kill(self._calls.getProcessInfo(name)["pid"], signal.SIGKILL)

    def shutdown(self) -> bool:
        """This function will stop every program and supervisord itself; False when it was not running."""
        if not self.is_running():
            return False
        pid = self._calls.getPID()
        names = self.states()
        self.stop(*(name for name in names if name not in INFRASTRUCTURE))
        self.stop(*(name for name in names if name in INFRASTRUCTURE))
        self._calls.shutdown()
        if not wait_until(lambda: not _alive(pid), 30):
            raise Refusal(f"The supervisor (process {pid}) did not end; stop it with kill {pid}.")
        return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return True
    except ProcessLookupError:
        return False


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: no orphan outlives a killed test run


def wait_until(reached: Callable[[], bool], timeout_s: float) -> bool:
    """This function will poll `reached` ten times a second and tell whether it came true in time."""
    end = time.monotonic() + timeout_s
    while not reached():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
