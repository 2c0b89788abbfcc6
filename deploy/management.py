"""Django's manage.py in an instance's environment."""

import json
import subprocess
from contextlib import suppress

from deploy.instance import Instance
from deploy.refusal import Refusal

AS_OWNER = {
    "migrate",
    "makemigrations",
    "sqlmigrate",
    "showmigrations",
    "flush",
    "sqlflush",
    "createcachetable",
}


def manage_command(instance: Instance, arguments: list[str]) -> list[str]:
    """This function will return the command line of one management command."""
    return [str(instance.python), str(instance.code_dir / "manage.py"), *arguments]


def manage_environment(instance: Instance, arguments: list[str], *, as_account: bool) -> dict[str, str]:
    """This function will return its variables: commands on the schema connect as its owner."""
    role = {"TWINWALL_DB_ROLE": "owner"} if arguments and arguments[0] in AS_OWNER else {}
    own = {"HOME": str(instance.home / "account")} if as_account and not instance.account.is_caller else {}
    return instance.process_environment(as_account=as_account, PYTHONPATH=str(instance.code_dir), **role, **own)


def call_manage(instance: Instance, arguments: list[str]) -> str:
    """This function will run a management command as the services' account and return its output.

    Raises Refusal with the last line it said.
    """
    done = subprocess.run(
        manage_command(instance, arguments),
        env=manage_environment(instance, arguments, as_account=True),
        cwd=instance.code_dir,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **instance.account.process_options(),
    )
    log = instance.log_dir / "manage.log"
    with log.open("a", encoding="utf-8") as out:
        out.write(f"$ manage.py {' '.join(arguments)}\n{done.stdout}{done.stderr}\n")
    if done.returncode != 0:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise Refusal(f"manage.py {arguments[0]} failed: {said[-1] if said else done.returncode} (details in {log})")
    return done.stdout


def run_manage(instance: Instance, arguments: list[str]) -> int:
    """This function will run a management command with the caller's rights and return its status.

    Files that root's command left among the data are then handed to the services' account.
    """
    command = manage_command(instance, arguments)
    environment = manage_environment(instance, arguments, as_account=False)
    try:
        return subprocess.run(command, env=environment).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        instance.give_to_account()


def has_command(instance: Instance, name: str) -> bool:
    """This function will tell whether this checkout has a management command of that name."""
    return any(instance.code_dir.glob(f"*/management/commands/{name}.py")) or any(
        instance.code_dir.glob(f"*/*/management/commands/{name}.py")
    )


def read_logins(instance: Instance) -> dict[str, list[str]]:
    """This function will return `{role: [user, password]}` of the demo or the first account."""
    found: dict[str, list[str]] = {}
    for file in (instance.logins_file, instance.secrets_dir / "first_login.json"):
        with suppress(FileNotFoundError, PermissionError, json.JSONDecodeError):
            found |= json.loads(file.read_text(encoding="utf-8"))
    return found
