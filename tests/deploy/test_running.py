"""A real second instance: started, asked, backed up, restored, stopped."""

import http.cookiejar
import json
import re
import socket
import urllib.parse
import urllib.request
from pathlib import Path

from deploy.ports import free_port
from deploy.postgres import run_sql
from deploy.supervision import Supervisor, wait_until
from tests.conftest import Product, Services

OWN = {"postgres", "redis", "mosquitto", "web", "worker", "watch", "beat", "commands", "jt808", "ingest", "ingest-2"}


def processes(product: Product) -> dict[str, int]:
    """Return the process number of each running service."""
    listed = Supervisor(product.instance)._calls.getAllProcessInfo()
    return {entry["name"]: entry["pid"] for entry in listed}


def test_the_site_answers_and_the_services_listen_on_this_machine_only(empty_product: Product) -> None:
    with urllib.request.urlopen(f"{empty_product.url}/healthz", timeout=10) as answer:
        assert answer.status == 200
    values = empty_product.instance.environment()
    assert (values["http_host"], values["mqtt_host"]) == ("127.0.0.1", "127.0.0.1")
    assert run_sql(empty_product.instance, "SHOW listen_addresses").strip() == ""


def test_status_as_json_has_the_agreed_shape(empty_product: Product) -> None:
    done = empty_product.twin("status", "--json")
    status = json.loads(done.stdout)
    assert set(status) == {"url", "logins", "services"}
    assert status["url"] == empty_product.url
    assert set(status["services"]) == OWN
    assert set(status["logins"]) == {"owner"}
    assert status["services"]["web"] == status["services"]["postgres"] == "running"


def test_the_first_account_can_sign_in_and_is_led_to_its_first_site(empty_product: Product) -> None:
    username, password = empty_product.logins["owner"]
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(cookies)
    form = opener.open(f"{empty_product.url}/login/", timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None
    fields = {"username": username, "password": password, "csrfmiddlewaretoken": token[1]}
    body = urllib.parse.urlencode(fields).encode()
    answer = opener.open(f"{empty_product.url}/login/", data=body, timeout=10)
    assert (answer.status, answer.url) == (200, f"{empty_product.url}/setup/")


def test_a_second_up_changes_no_process(empty_product: Product) -> None:
    before = processes(empty_product)
    done = empty_product.twin("up")
    assert done.returncode == 0, done.stderr
    assert processes(empty_product) == before


def test_the_database_role_of_the_site_owns_no_table_and_cannot_become_the_owner(
    empty_product: Product,
) -> None:
    owned = "SELECT count(*) FROM pg_tables WHERE tableowner = 'twinwall_app'"
    assert run_sql(empty_product.instance, owned).strip() == "0"
    tables = "SELECT count(*) > 10 FROM pg_tables WHERE tableowner = 'twinwall_owner'"
    assert run_sql(empty_product.instance, tables).strip() == "t"
    member = "SELECT pg_has_role('twinwall_app', 'twinwall_owner', 'MEMBER')"
    assert run_sql(empty_product.instance, member).strip() == "f"


def test_secrets_are_readable_by_their_account_only(empty_product: Product) -> None:
    secrets = empty_product.instance.secrets_dir
    modes = {path.name: path.stat().st_mode & 0o777 for path in [secrets, *secrets.iterdir()] if path.suffix != ".pub"}
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_a_killed_database_comes_back_and_the_site_with_it(empty_product: Product) -> None:
    before = processes(empty_product)["postgres"]
    empty_product.kill_service("postgres")
    assert wait_until(lambda: processes(empty_product)["postgres"] not in (0, before), 30)

    def counts() -> bool:
        done = empty_product.twin("manage", "showmigrations", "sessions")
        return done.returncode == 0 and "[X] 0001_initial" in done.stdout

    assert wait_until(counts, 30)


def test_a_port_in_use_is_refused_with_another_to_take(empty_product: Product, services: Services) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = Product(services.folder / "refused" / "var")
        done = other.twin("up", "--empty", "--port", str(port))
    assert done.returncode == 1
    said = f"Port {port} on 127.0.0.1 is in use by another program; choose another: ./twin up --port "
    assert done.stderr.startswith(said)
    assert not (other.var / "postgres").exists()
    assert not (other.var / "state.json").exists()


def test_a_backup_brings_back_rows_files_and_keys(empty_product: Product, tmp_path: Path) -> None:
    instance = empty_product.instance
    key = (instance.secrets_dir / "django_secret_key").read_text()
    run_sql(instance, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('安全')")
    (instance.media_root / "photo").write_bytes(b"before")
    backup = tmp_path / "copy.twin"
    done = empty_product.twin("backup", str(backup))
    assert done.returncode == 0, done.stderr
    assert backup.stat().st_mode & 0o777 == 0o600

    run_sql(instance, "DROP TABLE kept; CREATE TABLE later (word text)")
    (instance.media_root / "photo").write_bytes(b"after")
    (instance.media_root / "another").write_bytes(b"after")
    instance.write_secret(instance.secrets_dir / "django_secret_key", "another")

    restored = empty_product.twin("restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert run_sql(instance, "SELECT word FROM kept").strip() == "安全"
    assert run_sql(instance, "SELECT to_regclass('later') IS NULL").strip() == "t"
    assert [path.name for path in instance.media_root.iterdir()] == ["photo"]
    assert (instance.media_root / "photo").read_bytes() == b"before"
    assert (instance.secrets_dir / "django_secret_key").read_text() == key
    assert empty_product.status()["services"]["web"] == "running"
    run_sql(instance, "DROP TABLE kept")
    (instance.media_root / "photo").unlink()


def test_a_damaged_or_newer_backup_changes_nothing(empty_product: Product, tmp_path: Path) -> None:
    instance = empty_product.instance
    backup = tmp_path / "copy.twin"
    assert empty_product.twin("backup", str(backup)).returncode == 0
    content = backup.read_bytes()
    before = (processes(empty_product), run_sql(instance, "SELECT count(*) FROM django_migrations"))

    damaged = tmp_path / "damaged.twin"
    damaged.write_bytes(content.replace(b"PGDMP", b"PGDMQ", 1))
    refused = empty_product.twin("restore", str(damaged))
    assert refused.returncode == 1
    assert refused.stderr.endswith("is damaged: database.dump is not what its manifest says. Nothing was changed.\n")

    newer = tmp_path / "newer.twin"
    newer.write_bytes(content.replace(b'"webmap.', b'"people.', 1).replace(b'"people.0001', b'"people.9001', 1))
    refused = empty_product.twin("restore", str(newer))
    assert refused.returncode == 1
    assert "comes from a newer Twinwall (it has the migration people.9001" in refused.stderr

    assert (processes(empty_product), run_sql(instance, "SELECT count(*) FROM django_migrations")) == before


def test_demo_and_real_data_are_never_mixed(empty_product: Product) -> None:
    assert empty_product.twin("up").returncode == 0
    assert "simulator" not in processes(empty_product)


def test_a_running_twinwall_moves_to_another_port_when_asked(empty_product: Product) -> None:
    before = processes(empty_product)
    former = empty_product.url
    empty_product.up("--port", str(free_port()))
    assert empty_product.url != former
    with urllib.request.urlopen(f"{empty_product.url}/healthz", timeout=10) as answer:
        assert answer.status == 200
    changed = {name for name, pid in processes(empty_product).items() if pid != before[name]}
    assert changed == {"web"}


def test_data_outlives_down_and_up(empty_product: Product) -> None:
    run_sql(empty_product.instance, "CREATE TABLE kept (word text)")
    assert empty_product.twin("down").returncode == 0
    assert set(empty_product.status()["services"].values()) == {"stopped"}
    assert empty_product.status()["url"] is None
    empty_product.up()
    assert run_sql(empty_product.instance, "SELECT to_regclass('kept')").strip() == "kept"
