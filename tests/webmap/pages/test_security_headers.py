"""No page may talk to anybody but us, and nobody may try passwords for ever."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.webmap.field_cast import PASSWORD, Cast, build_cast

pytestmark = pytest.mark.django_db
KEYWORD = re.compile(r"'(self|none|unsafe-inline|unsafe-eval|wasm-unsafe-eval|nonce-[\w-]+)'|data:|blob:")
PAGES = ["/region/", "/sites/field/", "/sites/field/map/", "/sites/field/heat/", "/sites/field/hazards/",
         "/sites/field/hazards/new/", "/sites/field/models/"]  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def policy_of(client: Client, path: str) -> dict[str, list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("path", PAGES)
def test_no_page_may_ask_another_origin(cast: Cast, path: str) -> None:
    client = Client()
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    policy = policy_of(client, path)
    assert policy["default-src"] == ["'self'"] and policy["object-src"] == ["'none'"]
    assert policy["connect-src"][0] == "'self'" and policy["form-action"] == ["'self'"]
    for directive, sources in policy.items():
        for source in sources:
            assert KEYWORD.fullmatch(source), f"{path} lets {directive} reach {source}"


@pytest.mark.parametrize("path", [path for path in PAGES if path not in ("/sites/field/", "/sites/field/heat/")])
def test_only_the_3d_pages_may_loosen_scripts(cast: Cast, path: str) -> None:
    client = Client()
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    policy = policy_of(client, path)
    assert not any("unsafe" in source for source in policy["script-src"] + policy["style-src"])


def test_the_nonce_is_new_for_every_answer() -> None:
    client = Client()
    one, other = policy_of(client, "/login/")["script-src"], policy_of(client, "/login/")["script-src"]
    assert one != other


def test_other_headers_close_the_usual_doors() -> None:
    headers = Client().get("/login/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]


def test_after_eight_wrong_passwords_even_the_right_one_is_refused(cast: Cast) -> None:
    client = Client()
    for _ in range(8):
        client.post("/login/", {"username": "manager", "password": "wrong"})
    answer = client.post("/login/", {"username": "manager", "password": PASSWORD})
    assert answer.status_code == 429
    assert "_auth_user_id" not in client.session


def test_roles_decide_where_an_account_starts(cast: Cast) -> None:
    starts = {
        "manager": "/sites/field/", "worker": "/sites/field/hazards/", "engineer": "/sites/field/models/",
    }  # fmt: skip
    for name, start in starts.items():
        client = Client()
        client.force_login(getattr(cast, name), backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/").headers["Location"] == start


def test_the_guide_does_not_exist_for_anybody_but_the_owner(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", {"code": "x"}).status_code == 404
