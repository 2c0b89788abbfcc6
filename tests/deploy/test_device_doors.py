"""Devices on the network reach the broker only by a door that somebody opened, and TLS is real."""

import hashlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.bringup import start_infrastructure
from deploy.cli import main
from deploy.device_doors import Doors, check_doors, place_certificate, remember_doors, remembered_doors
from deploy.instance import Instance, find_instance
from deploy.ports import LOCAL, free_port
from deploy.refusal import Refusal
from deploy.supervision import Supervisor, wait_until

ELSEWHERE = "127.0.0.2"  # an address of this machine at which a listener on 127.0.0.1 does not answer
CONNECT = bytes.fromhex("100c00044d5154540402003c0000")  # MQTT 3.1.1, no user name
NOT_AUTHORISED = bytes.fromhex("20020005")


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a self-signed certificate and its key."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    wanted = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *subject]
    subprocess.run([*wanted, "-days", "2", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance whose broker runs, closed to the network."""
    tmp_path.chmod(0o755)
    made = find_instance(tmp_path / "var", create=True)
    try:
        start_infrastructure(made, host=LOCAL, port=free_port(), throwaway=True)
        yield made
    finally:
        Supervisor(made).shutdown()


def answers(host: str, port: int) -> bool:
    """Return whether somebody accepts a connection there."""
    with socket.socket() as trial:
        trial.settimeout(2)
        return trial.connect_ex((host, port)) == 0


def served(port: int, trusted: Path, name: str) -> tuple[str, bytes]:
    """Connect by TLS, trusting one certificate; returns the SHA-256 of what was served and the answer to CONNECT."""
    context = ssl.create_default_context(cafile=str(trusted))
    plain = socket.create_connection((ELSEWHERE, port), timeout=5)
    with plain, context.wrap_socket(plain, server_hostname=name) as tls:
        tls.sendall(CONNECT)
        return hashlib.sha256(tls.getpeercert(binary_form=True) or b"").hexdigest(), tls.recv(16)


def fingerprint(file: Path) -> str:
    """Return the SHA-256 of a certificate file's DER form."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read_text())).hexdigest()


def test_the_doors_open_and_close_and_a_renewed_certificate_needs_no_restart(
    instance: Instance, tmp_path: Path
) -> None:
    port, tls_port = int(instance.environment()["mqtt_port"]), free_port()
    assert answers(LOCAL, port) and not answers(ELSEWHERE, port)
    cert, key = certificate(tmp_path, "helmets.example")

    remember_doors(instance, Doors(cert, key, tls_port=tls_port))
    start_infrastructure(instance, host=LOCAL, port=free_port(), throwaway=True)
    assert served(tls_port, cert, "helmets.example") == (fingerprint(cert), NOT_AUTHORISED)
    assert answers(LOCAL, port) and not answers(ELSEWHERE, port)
    assert (instance.secrets_dir / "mosquitto.key").stat().st_mode & 0o777 == 0o600
    values = instance.environment()
    assert (values["mqtt_tls_port"], values["mqtt_open_port"]) == (tls_port, 0)

    renewed, renewed_key = certificate(tmp_path, "renewed.example")
    place_certificate(instance, Doors(renewed, renewed_key, tls_port=tls_port))

    def renewal_is_served() -> bool:
        try:
            return served(tls_port, renewed, "renewed.example")[0] == fingerprint(renewed)
        except ssl.SSLCertVerificationError:  # still the one of before
            return False

    assert wait_until(renewal_is_served, 20)

    remember_doors(instance, Doors(plain=True))
    start_infrastructure(instance, host=LOCAL, port=free_port(), throwaway=True)
    assert answers(ELSEWHERE, port) and not answers(ELSEWHERE, tls_port)
    assert instance.environment()["mqtt_open_port"] == port
    assert not (instance.secrets_dir / "mosquitto.key").exists()

    remember_doors(instance, Doors())
    start_infrastructure(instance, host=LOCAL, port=free_port(), throwaway=True)
    assert answers(LOCAL, port) and not answers(ELSEWHERE, port)


def test_a_certificate_that_cannot_be_served_is_refused_before_anything_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWINWALL_VAR", str(tmp_path / "var"))
    cert, _ = certificate(tmp_path, "one")
    _, other = certificate(tmp_path, "two")
    untouched = find_instance()

    assert main(["up", "--port", str(free_port()), "--mqtt-tls", str(cert), str(other)]) == 1
    assert "are no certificate with its key" in capsys.readouterr().err
    with pytest.raises(Refusal, match=r"missing\.key cannot be read \(No such file or directory\)"):
        check_doors(untouched, Doors(cert, tmp_path / "missing.key"))
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        with pytest.raises(Refusal, match=f"Port {busy} for MQTT with TLS is in use"):
            check_doors(untouched, Doors(cert, tmp_path / "one.key", tls_port=busy))
    assert remembered_doors(untouched) == Doors() and not untouched.environment()
