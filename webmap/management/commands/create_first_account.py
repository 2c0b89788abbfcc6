"""`manage.py create_first_account`: the administrator of a Twinwall that was started without the demo."""

import json
import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from spatial.people.models import User
from spatial.people.operations import create_user

USERNAME = "admin"


class Command(BaseCommand):
    """Create one superuser with a random password, unless there is an account already."""

    help = "Create the first administrator and keep the password in the secrets folder until it is changed."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("There are accounts already; nothing was changed.")
            return
        password = secrets.token_urlsafe(12)
        create_user(username=USERNAME, password=password, full_name="管理员", is_staff=True, is_superuser=True)
        file = settings.TWINWALL_SECRETS_DIR / "first_login.json"
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump({"administrator": [USERNAME, password]}, out)
        self.stdout.write(f"Created {USERNAME}; the password is in {file}.")
