"""The system account that the services run as, and what that account can reach.

PostgreSQL refuses to run as root, and nothing that listens should; when root starts Twinwall, its services
run as the owner of the checkout, or as the system user `twinwall` when that owner is root itself.
"""

import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.refusal import Refusal

SYSTEM_USER = "twinwall"


@dataclass(frozen=True)
class Account:
    """A system account: name and numeric ids."""

    name: str
    uid: int
    gid: int

    @property
    def is_caller(self) -> bool:
        """True when this process already runs as this account."""
        return os.geteuid() == self.uid

    def process_options(self) -> dict[str, Any]:
        """This function will return the subprocess options that start a child as this account."""
        if self.is_caller:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """This function will tell whether the account may pass through `folder` and each of its parents."""
        return all(self._permits(step, 1) for step in (folder, *folder.parents) if step.exists())

    def can_execute(self, file: Path) -> bool:
        """This function will tell whether the account can run the program that `file` leads to."""
        target = file.resolve()
        return target.exists() and self.can_enter(target.parent) and self._permits(target, 5)

    def _permits(self, path: Path, bits: int) -> bool:
        if self.uid == 0:
            return True
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return (status.st_mode >> shift) & bits == bits


def step_down(account: Account, paths: list[Path]) -> None:
    """This function will turn this process of root into one of `account`, handing over `paths` first."""
    for path in paths:
        if path.exists():
            os.chown(path, account.uid, account.gid)
    os.initgroups(account.name, account.gid)
    os.setgid(account.gid)
    os.setuid(account.uid)
    os.environ |= {"HOME": pwd.getpwuid(account.uid).pw_dir, "USER": account.name, "LOGNAME": account.name}


def is_root() -> bool:
    """This function will tell whether the caller is the superuser."""
    return os.geteuid() == 0


def account_by_uid(uid: int) -> Account:
    """This function will return the account with this number."""
    entry = pwd.getpwuid(uid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def choose_account(root: Path, remembered: str | None, *, create: bool) -> Account:
    """This function will return the account whose services belong to the checkout at `root`.

    Without `create` a missing system user is not made: the caller stands in for it, as nothing runs yet.
    Raises Refusal when another account owns the instance and the caller is not root.
    """
    if not is_root():
        caller = account_by_uid(os.geteuid())
        if remembered and remembered != caller.name:
            raise Refusal(
                f"This Twinwall belongs to the account {remembered}; run the command with sudo, "
                "or set TWINWALL_VAR to a folder of your own."
            )
        return caller
    if remembered:
        return _named(remembered, create=False)
    with suppress(KeyError):  # a mounted folder may belong to a number without a name
        if (owner := root.stat().st_uid) != 0:
            return account_by_uid(owner)
    try:
        return _named(SYSTEM_USER, create=create)
    except Refusal:
        if create:
            raise
        return account_by_uid(os.geteuid())


def _named(name: str, *, create: bool) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        if not create:
            raise Refusal(f"The account {name}, which owns this Twinwall, no longer exists; create it again.") from None
        entry = _create_system_user()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create_system_user() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if useradd is None:
        raise Refusal("The program useradd is missing; install it (apt-get install passwd) and run ./twin up again.")
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], capture_output=True, text=True)
    if made.returncode != 0:
        raise Refusal(f"The system user {SYSTEM_USER} could not be created: {made.stderr.strip()}")
    return pwd.getpwnam(SYSTEM_USER)
