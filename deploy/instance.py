"""One Twinwall on disk: which folders, sockets and ports it has, and who owns them."""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.account import Account, account_by_uid, choose_account, is_root
from deploy.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET = 100  # bytes of a path in sockaddr_un, less room for supervisor's temporary suffix
DATABASE = "twinwall"
PG_PORT = 5432  # names the socket file only; no TCP port is opened
CAMERA_PORTS = ("first_camera_port", "second_camera_port")
"""Where the demo's simulated cameras listen."""


@dataclass(frozen=True)
class Instance:
    """Where one instance lives.

    `var` is the folder the user knows; `home` is where services keep their data (the same folder, unless the
    services' account cannot reach it); `run` holds sockets.
    """

    root: Path
    var: Path
    home: Path
    run: Path
    account: Account

    @property
    def postgres_dir(self) -> Path:
        return self.home / "postgres"

    @property
    def postgres_socket(self) -> Path:
        return self.run / "pg"

    @property
    def redis_dir(self) -> Path:
        return self.home / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.run / "redis" / "redis.sock"

    @property
    def broker_dir(self) -> Path:
        return self.home / "mosquitto"

    @property
    def supervisor_dir(self) -> Path:
        return self.run / "supervisor"

    @property
    def log_dir(self) -> Path:
        return self.home / "log"

    @property
    def media_root(self) -> Path:
        return self.home / "media"

    @property
    def data_root(self) -> Path:
        return self.home / "data"

    @property
    def secrets_dir(self) -> Path:
        return self.home / "secrets"

    @property
    def logins_file(self) -> Path:
        return self.data_root / "demo" / "logins.json"

    @property
    def fleet_file(self) -> Path:
        return self.data_root / "demo" / "fleet.json"

    @property
    def gateway_file(self) -> Path:
        return self.data_root / "demo" / "gateway.json"

    @property
    def environment_file(self) -> Path:
        return self.home / "environment.json"

    @property
    def runs_from_copy(self) -> bool:
        """True when the services' account cannot read the checkout, so that they run from a copy of it."""
        return not self.account.can_enter(self.root)

    @property
    def code_dir(self) -> Path:
        return self.home / "release" if self.runs_from_copy else self.root

    @property
    def venv(self) -> Path:
        """The Python environment: `.venv` of the checkout where the services can use it."""
        own = self.root / ".venv"
        python = own / "bin" / "python"
        if self.account.can_enter(self.root) and (not python.exists() or self.account.can_execute(python)):
            return own
        return self.home / "venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    def environment(self) -> dict[str, Any]:
        """This function will return what `environment.json` says, or an empty dict before the first start."""
        return _read_json(self.environment_file)

    def camera_ports(self) -> list[int]:
        """This function will return where the demo's simulated cameras listen; KeyError before the first start."""
        values = self.environment()
        return [int(values[name]) for name in CAMERA_PORTS]

    def state(self) -> dict[str, Any]:
        """This function will return what earlier commands remembered about this instance."""
        return _read_json(self.var / "state.json")

    def ingest_workers(self) -> int:
        """This function will return how many processes take messages, as `./twin up` was told last."""
        return int(self.state().get("ingest_workers", 1))

    def remember(self, **values: Any) -> None:
        """This function will add values to the instance's memory."""
        write_atomically(self.var / "state.json", json.dumps({**self.state(), **values}, indent=1) + "\n")

    def write_environment(
        self, *, http_host: str, http_port: int, mqtt_port: int, mqtt_own_port: int, jt808_port: int, **others: int
    ) -> dict[str, Any]:
        """This function will write the addresses that `webmap/project/environment.py` reads.

        `others` are the broker's ports that are open to the network, `mqtt_open_port` and `mqtt_tls_port`, 0 when
        closed, and those of the demo's cameras (CAMERA_PORTS).
        """
        values = {
            "pg_host": str(self.postgres_socket),
            "pg_port": PG_PORT,
            "pg_database": DATABASE,
            "redis_url": f"unix://{self.redis_socket}",
            "mqtt_host": "127.0.0.1",
            "mqtt_port": mqtt_port,
            "mqtt_own_port": mqtt_own_port,
            **others,
            "jt808_host": http_host,
            "jt808_port": jt808_port,
            "http_host": http_host,
            "http_port": http_port,
            "media_root": str(self.media_root),
            "data_root": str(self.data_root),
            "secrets_dir": str(self.secrets_dir),
        }
        text = json.dumps(values, indent=1) + "\n"
        for folder in {self.home, self.var}:
            write_atomically(folder / "environment.json", text)
        return values

    def process_environment(self, *, as_account: bool = True, **extra: str) -> dict[str, str]:
        """This function will return the variables of its processes, free of the caller's settings but import limits.

        Byte code has one cache per owner: root never runs what the services' account has written.
        """
        cache = "pycache" if as_account or not is_root() else "pycache-root"
        kept = {
            name: value
            for name, value in os.environ.items()
            if name.startswith("TWINWALL_IMPORT_")
            or not name.startswith(("TWINWALL_", "PYTHON", "DJANGO_", "PG", "UV_", "VIRTUAL_ENV"))
        }
        places = {"TWINWALL_VAR": str(self.home), "DJANGO_SETTINGS_MODULE": "webmap.project.settings"}
        writable = {"PYTHONPYCACHEPREFIX": str(self.home / cache), "PYTHONUNBUFFERED": "1"}
        return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **places, **writable, **extra}

    def create_folders(self) -> None:
        """This function will create the instance's folders with owners and modes, and its secrets, once."""
        for folder in (self.var, self.home, self.run):
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_uid != os.geteuid():
                owner = account_by_uid(folder.stat().st_uid).name
                raise Refusal(f"{folder} belongs to {owner}: run ./twin up as {owner} first, or set TWINWALL_VAR.")
            folder.chmod(0o755)
        for folder in (self.log_dir, self.supervisor_dir):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
        private = [self.postgres_socket, self.redis_socket.parent, self.redis_dir, self.broker_dir]
        private += [self.media_root, self.data_root, self.secrets_dir, self.secrets_dir / "act_keys"]
        for folder in (*private, self.home / "account", self.home / "pycache"):
            self.own_folder(folder, 0o700)
        key = self.secrets_dir / "django_secret_key"
        if not key.exists():
            self.write_secret(key, secrets.token_urlsafe(50))
        for name in ("mosquitto.passwd", "mosquitto.acl"):
            if not (self.secrets_dir / name).exists():
                self.write_secret(self.secrets_dir / name, "")
        self.remember(account=self.account.name, home=str(self.home), run=str(self.run))

    def write_secret(self, file: Path, text: str) -> None:
        """This function will write a file that only the services' account can read (mode 600)."""
        new = file.with_name(file.name + ".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        if is_root():
            os.chown(new, self.account.uid, self.account.gid)
        new.replace(file)

    def give_to_account(self) -> None:
        """This function will hand files that a command run by root has left among the data to the account."""
        if not is_root() or self.account.uid == 0:
            return
        for top in (self.media_root, self.data_root, self.secrets_dir):
            for folder, names, files in os.walk(top):
                for path in (folder, *(f"{folder}/{name}" for name in (*names, *files))):
                    if os.lstat(path).st_uid == 0:
                        os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    def own_folder(self, folder: Path, mode: int) -> None:
        """This function will make a folder with this mode that belongs to the services' account."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
        if is_root():
            os.chown(folder, self.account.uid, self.account.gid)


def find_instance(var: Path | None = None, root: Path = ROOT, *, create: bool = False) -> Instance:
    """This function will return the instance of `var`, `$TWINWALL_VAR` or `<root>/var`, started or not.

    With `create` the system user for its services is made when it is missing.
    Raises Refusal when it belongs to another account and the caller is not root.
    """
    given = var or Path(os.environ.get("TWINWALL_VAR") or root / "var")
    place = given.resolve()
    state = _read_json(place / "state.json")
    account = choose_account(root, state.get("account"), create=create)
    mark = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    home = Path(state["home"]) if "home" in state else _reachable_home(place, account, mark)
    run = Path(state["run"]) if "run" in state else _short_run(home, mark)
    if (run / "supervisor").exists() and not os.access(run / "supervisor", os.R_OK | os.X_OK):
        raise Refusal("This Twinwall was started by another account (root?); run the command with sudo.")
    return Instance(root=root, var=place, home=home, run=run, account=account)


def _reachable_home(var: Path, account: Account, mark: str) -> Path:
    return var if account.can_enter(var) else Path("/var/lib/twinwall") / mark


def _short_run(home: Path, mark: str) -> Path:
    longest = home / "run" / "supervisor" / "supervisor.sock"
    if len(os.fsencode(longest)) <= LONGEST_SOCKET:
        return home / "run"
    return Path("/run" if is_root() else os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / f"twinwall-{mark}"


def _read_json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, PermissionError, json.JSONDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def write_atomically(file: Path, text: str) -> None:
    """This function will replace a file's text so that a reader sees the old or the new one, never a part."""
    new = file.with_name(file.name + ".new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o644)
    new.replace(file)
