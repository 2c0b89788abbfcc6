"""`./twin prove cold`: from a bare Debian 12 to a site that answers, timed.

A minimal Debian made with debootstrap (python3, git, ca-certificates and nothing else) becomes the root of
private mount, process and IPC namespaces; a clone of this checkout's last commit is started in it: cold, a
second time while it runs, and warm after `down`. It is given this machine's package servers and certificates.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy import ports
from deploy.account import is_root
from deploy.instance import ROOT
from deploy.refusal import Refusal

PASSED_ON = (
    *("PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_CERT", "NPM_CONFIG_", "npm_config_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"),
)
PLACE = Path("/var/tmp/twinwall-trial")
CERTIFICATES = ("etc/ssl/certs", "usr/local/share/ca-certificates", "usr/share/ca-certificates")
ENTER = """\
set -eu
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
cd "$1"
mkdir -p .machine
pivot_root . .machine
umount -l /.machine
cd "$2"
shift 2
exec "$@"
"""
SCRIPT = """\
seconds() { date +%s.%N; }
timed() {
    begun=$(seconds); "$@"; status=$?
    echo "TIMED $name $status $begun $(seconds)"
    return $status
}
name=cold; timed ./twin up --port $PORT || exit 1
name=again; timed ./twin up || exit 1
echo "STATUS $(./twin status --json)"
name=down; timed ./twin down || exit 1
name=warm; timed ./twin up || exit 1
if [ -n "$TESTS" ]; then name=test; timed ./twin test; fi
name=stop; timed ./twin down
"""


def prove_cold(arguments: list[str]) -> int:
    """This function will run the trial, print its times as JSON and return 0 when every step succeeded."""
    parser = argparse.ArgumentParser(prog="./twin prove cold")
    parser.add_argument("--folder", default="/opt/twinwall", help="the clone's place in the bare system")
    parser.add_argument("--place", type=Path, default=PLACE, help="where it is built")
    parser.add_argument("--test", action="store_true", help="also run ./twin test in it")
    parser.add_argument("--keep", action="store_true", help="keep the system afterwards")
    given = parser.parse_args(arguments)
    if not is_root() or not shutil.which("debootstrap"):
        print("Skipped: this proof needs root and debootstrap (apt-get install debootstrap).")
        return 0
    base = _base_system(given.place)
    system = Path(tempfile.mkdtemp(prefix="system-", dir=given.place))
    try:
        subprocess.run(["cp", "-a", f"{base}/.", str(system)], check=True)
        clone = system / given.folder.lstrip("/")
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        output = _run_inside(system, given.folder, with_tests=given.test)
    finally:
        if not given.keep:
            shutil.rmtree(system, ignore_errors=True)
    return _report(output)


def _base_system(place: Path) -> Path:
    """Return a bare Debian 12, made once and copied for each trial."""
    base = place / "base"
    if base.exists():
        return base
    place.mkdir(parents=True, exist_ok=True)
    new = place / "base.new"
    shutil.rmtree(new, ignore_errors=True)
    wanted = "--include=python3,git,ca-certificates"
    command = ["debootstrap", "--variant=minbase", wanted, "bookworm", str(new)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        raise Refusal(f"debootstrap failed: {made.stdout.strip().splitlines()[-1]}")
    _give_network_settings(new)
    new.rename(base)
    return base


def _give_network_settings(system: Path) -> None:
    """Write this machine's package servers, certificates and name servers into the bare system."""
    for file in ("etc/resolv.conf", "etc/hosts"):
        shutil.copy(Path("/", file), system / file)
    for folder in CERTIFICATES:
        if Path("/", folder).is_dir():
            (system / folder).mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", f"/{folder}/.", str(system / folder)], check=True)
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    if sources.exists():
        shutil.copy(sources, system / "etc/apt/sources.list.d/debian.sources")
        (system / "etc/apt/sources.list").unlink(missing_ok=True)
    for proxy in Path("/etc/apt/apt.conf.d").glob("*prox*"):
        shutil.copy(proxy, system / "etc/apt/apt.conf.d" / proxy.name)
    valid = system / "etc/apt/apt.conf.d/99trial"
    valid.write_text('Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n')


def _run_inside(system: Path, folder: str, *, with_tests: bool) -> str:
    kept = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    plain = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    chosen = {"PORT": str(ports.free_port(8000)), "TESTS": "1" if with_tests else ""}
    enter = ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "sh", "-c", ENTER, "enter"]
    process = subprocess.Popen(
        [*enter, str(system), folder, "bash", "-c", SCRIPT],
        env={**kept, **plain, **chosen},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    for line in process.stdout or ():
        print(line, end="", flush=True)
        lines.append(line)
    process.wait()
    return "".join(lines)


def _report(output: str) -> int:
    """Print `{step: seconds}` and return 1 when a step is missing or failed."""
    timed = [line.split() for line in output.splitlines() if line.startswith("TIMED ")]
    seconds = {name: round(float(end) - float(begun), 1) for _, name, _, begun, end in timed}
    failed = [name for _, name, status, *_ in timed if status != "0"]
    failed += [name for name in ("cold", "again", "down", "warm", "stop") if name not in seconds]
    print(json.dumps({"seconds": seconds, "failed": failed}))
    return 1 if failed else 0
