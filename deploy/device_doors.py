"""How devices on the network reach the broker: not at all until somebody opens a door, then by TLS, or plainly.

Telephone networks and the open internet want TLS (port 8883) with a certificate that the devices trust; a site's own
closed network may do without (port 1883). What was chosen is remembered, and a renewed certificate is taken over at the
next `./twin up`.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from deploy import ports
from deploy.instance import Instance
from deploy.refusal import Refusal

TLS_PORT = 8883
CERTIFICATE, KEY = "mosquitto.crt", "mosquitto.key"
OWN_NAMES = "use_username_as_clientid true"


@dataclass(frozen=True)
class Doors:
    """What is open to the network: TLS with a certificate and its key (PEM files), and the plain port."""

    certificate: Path | None = None
    key: Path | None = None
    plain: bool = False
    tls_port: int = TLS_PORT

    @property
    def tls(self) -> bool:
        return self.certificate is not None


def remembered_doors(instance: Instance) -> Doors:
    """This function will return the doors that were opened last."""
    held = instance.state().get("doors", {})
    certificate, key = (Path(held[name]) if held.get(name) else None for name in ("certificate", "key"))
    return Doors(certificate, key, bool(held.get("plain")), int(held.get("tls_port", TLS_PORT)))


def remember_doors(instance: Instance, doors: Doors) -> None:
    """This function will keep the choice for the next start."""
    files = {"certificate": str(doors.certificate or ""), "key": str(doors.key or "")}
    instance.remember(doors={**files, "plain": doors.plain, "tls_port": doors.tls_port})


def check_doors(instance: Instance, doors: Doors) -> None:
    """This function will raise Refusal when the certificate cannot be served, before anything is changed."""
    if not doors.tls:
        return
    for file in (doors.certificate, doors.key):
        try:
            file.read_bytes() if file else None
        except OSError as error:
            raise Refusal(f"{file} cannot be read ({error.strerror}); name a PEM file that can.") from None
    try:
        trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trial.load_cert_chain(str(doors.certificate), str(doors.key), password=lambda: "")
    except (ssl.SSLError, ValueError, TypeError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise Refusal(
            f"{doors.certificate} and {doors.key} are no certificate with its key ({reason}); "
            "both must be PEM files, the key without a pass phrase."
        ) from None
    mine = int(instance.environment().get("mqtt_tls_port", 0)) == doors.tls_port
    if not mine and not ports.is_free("0.0.0.0", doors.tls_port):
        raise Refusal(
            f"Port {doors.tls_port} for MQTT with TLS is in use by another program; stop that, or name another port: "
            "--mqtt-tls-port P"
        )


def place_certificate(instance: Instance, doors: Doors) -> None:
    """This function will copy certificate and key to where the broker's keeper sees them change."""
    for name, file in ((CERTIFICATE, doors.certificate), (KEY, doors.key)):
        target = instance.secrets_dir / name
        if file is None:
            target.unlink(missing_ok=True)
        elif not target.exists() or target.read_bytes() != file.read_bytes():
            instance.write_secret(target, file.read_text(encoding="ascii"))


def listeners(doors: Doors, port: int, own_port: int, folder: Path) -> str:
    """This function will return the listener lines of `mosquitto.conf`: our own services' door and the devices'.

    A device's session has the device's own name, whatever client id it gives. Our services have many sessions under one
    account, so they have a door of their own, which is never open to the network (decision 0042).
    """
    lines = [f"listener {own_port} 127.0.0.1"]
    lines += [f"listener {port}" if doors.plain else f"listener {port} 127.0.0.1", OWN_NAMES]
    if doors.tls:
        lines += [
            f"listener {doors.tls_port}",
            f"certfile {folder}/server.crt",
            f"keyfile {folder}/server.key",
            OWN_NAMES,
        ]
    return "\n".join(lines)
