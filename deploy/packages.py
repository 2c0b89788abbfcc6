"""System packages from the distribution, installed only when they are missing.

Debian starts a daemon or a database cluster for what it installs; Twinwall runs private ones, so a
`policy-rc.d` forbids that during the installation and is put back to what it was afterwards.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.account import is_root
from deploy.refusal import Refusal

POSTGRES_OF = {"bookworm": "15", "noble": "16", "trixie": "17"}
POLICY = Path("/usr/sbin/policy-rc.d")
SAVED_POLICY = Path("/usr/sbin/policy-rc.d.before-twinwall")
CLUSTER_CONF = Path("/etc/postgresql-common/createcluster.d/twinwall.conf")
DAEMONS = {"redis-server": "redis-server", "mosquitto": "mosquitto"}
DENY = "#!/bin/sh\n# Twinwall, for the time of one installation: no daemon starts by itself.\nexit 101\n"


@dataclass(frozen=True)
class Distribution:
    """The machine's distribution: id and codename of /etc/os-release."""

    name: str
    codename: str


def read_distribution(file: Path = Path("/etc/os-release")) -> Distribution:
    """This function will return the distribution, or raise Refusal where it is not a supported one."""
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    values = {name: value.strip('"') for name, value in pairs}
    found = Distribution(values.get("ID", "?"), values.get("VERSION_CODENAME", "?"))
    if found.codename not in POSTGRES_OF:
        raise Refusal(
            f"This is {values.get('PRETTY_NAME', found.name)}; Twinwall runs on Debian 12 and Ubuntu 24.04. "
            "Use one of them, a virtual machine or a container with one of them."
        )
    return found


def wanted_packages(distribution: Distribution, *, for_tests: bool) -> list[str]:
    """This function will name the packages that running (or testing) Twinwall needs."""
    version = POSTGRES_OF[distribution.codename]
    names = [f"postgresql-{version}", f"postgresql-{version}-postgis-3", "redis-server", "mosquitto"]
    names += ["bubblewrap", "python3-venv", "ca-certificates", "tzdata", "gettext", "fonts-wqy-microhei"]
    names += ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk"]  # PDF pages
    names += ["ffmpeg"]  # live pictures of cameras
    if for_tests:
        names += ["chromium"] if distribution.name == "debian" else []
    return names


def missing_packages(names: list[str]) -> list[str]:
    """This function will return those of `names` that dpkg does not list as installed."""
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *names]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    installed = {line.split()[0] for line in listed if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def install_packages(names: list[str], log: Path) -> None:
    """This function will install packages with apt, writing apt's words to `log`.

    Raises Refusal without rights (before anything is changed), or when the package server fails.
    """
    become = _rights(names)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    options = ["-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=2", "-o", "DPkg::Lock::Timeout=120"]
    _apt([*become, "apt-get", *options, "-o", "APT::Update::Error-Mode=any", "update"], environment, log)
    with _daemons_kept_down(become):
        keep = [] if not become else ["env", "DEBIAN_FRONTEND=noninteractive"]
        install = [*become, *keep, "apt-get", *options, "install", "--yes", "--no-install-recommends", *names]
        _apt(install, environment, log)
    for package, unit in DAEMONS.items():
        if package in names and shutil.which("systemctl"):
            subprocess.run([*become, "systemctl", "disable", unit], capture_output=True)


def _rights(names: list[str]) -> list[str]:
    if is_root():
        return []
    command = f"apt-get install {' '.join(names)}"
    sudo = shutil.which("sudo")
    if sudo is None:
        raise Refusal(f"Packages are missing and only root may install them; run ./twin as root, or: {command}")
    ask = [] if sys.stdin.isatty() else ["--non-interactive"]
    if subprocess.run([sudo, *ask, "true"], capture_output=not sys.stdin.isatty()).returncode != 0:
        raise Refusal(f"Packages are missing and sudo did not let us in; run as root: {command}")
    return [sudo]


def _apt(command: list[str], environment: dict[str, str], log: Path) -> None:
    with log.open("a", encoding="utf-8") as out:
        done = subprocess.run(command, env=environment, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return
    last = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("E:")]
    said = last[-1] if last else f"apt-get ended with {done.returncode}"
    raise Refusal(
        f"The system packages could not be installed ({said}). Check that this machine reaches its "
        f"package server (/etc/apt/sources.list) and run the command again; apt's own words are in {log}."
    )


@contextmanager
def _daemons_kept_down(become: list[str]) -> Iterator[None]:
    """Forbid Debian to start daemons and clusters; leave the machine's own policy as it was."""
    if POLICY.exists() and not SAVED_POLICY.exists():
        subprocess.run([*become, "mv", str(POLICY), str(SAVED_POLICY)], check=True)
    _write(become, POLICY, DENY, "755")
    subprocess.run([*become, "mkdir", "-p", str(CLUSTER_CONF.parent)], check=True)
    _write(become, CLUSTER_CONF, "create_main_cluster = false\n", "644")
    try:
        yield
    finally:
        subprocess.run([*become, "rm", "-f", str(POLICY), str(CLUSTER_CONF)], check=True)
        if SAVED_POLICY.exists():
            subprocess.run([*become, "mv", str(SAVED_POLICY), str(POLICY)], check=True)


def _write(become: list[str], file: Path, text: str, mode: str) -> None:
    subprocess.run([*become, "tee", str(file)], input=text, stdout=subprocess.DEVNULL, check=True, text=True)
    subprocess.run([*become, "chmod", mode, str(file)], check=True)
