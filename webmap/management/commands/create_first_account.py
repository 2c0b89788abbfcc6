"""`manage.py create_first_account`: the owner's account of a fresh instance, printed once as JSON."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from spatial.people.models import User
from spatial.people.operations import create_user


def _remember(username: str, password: str) -> None:
    """Keep the password where `./twin status` finds it, readable for the instance's own account only."""
    folder = settings.TWINWALL_SECRETS_DIR
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "first_login.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"owner": [username, password]}), encoding="utf-8")


class Command(BaseCommand):
    help = "Create the account `admin` of a fresh instance and print {username, password, created} as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin")
        parser.add_argument("--full-name", default="管理员")
        parser.add_argument("--reset", action="store_true", help="set a new password when the account is there")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        username, password = options["username"], secrets.token_urlsafe(12)
        user = User.objects.filter(username=username).first()
        if user is None:
            create_user(
                username=username,
                password=password,
                full_name=options["full_name"],
                is_staff=True,
                is_superuser=True,
            )
        elif not user.is_superuser:
            raise CommandError(f"There is an account {username}, and it is not the owner's.")
        elif options["reset"]:
            user.set_password(password)
            user.save(update_fields=["password"])
        created = user is None
        if created or options["reset"]:
            _remember(username, password)
        shown = password if created or options["reset"] else None
        self.stdout.write(json.dumps({"username": username, "password": shown, "created": created}))
