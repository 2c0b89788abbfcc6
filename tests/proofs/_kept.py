"""Results of a long proof, kept in var/proofs so that an interrupted run goes on where it stopped.

A result holds only for the very code that made it: another commit or an edited file begins anew.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

from deploy.instance import ROOT

FOLDER = ROOT / "var" / "proofs"


class Kept:
    """One file of JSON lines per proof, code and options: `{"key", "at", "result"}`."""

    def __init__(self, name: str, code: Iterable[str], options: str = "") -> None:
        self.path = FOLDER / name / f"{_hash_of_code(code, options)}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._rows: dict[str, dict[str, Any]] = {}
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        if text and not text.endswith("\n"):  # an earlier run was killed in the middle of a line
            with self.path.open("a", encoding="utf-8") as file:
                file.write("\n")
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            self._rows[row["key"]] = row
        self.earlier = self.fresh = 0

    def result(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what an earlier run has found for a key, or find it and keep it; JSON values only."""
        if key in self._rows:
            self.earlier += 1
            return self._rows[key]["result"]
        row = {"key": key, "at": datetime.now().astimezone().isoformat(timespec="minutes"), "result": make()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self._rows[key] = row
        self.fresh += 1
        return row["result"]

    def words(self) -> str:
        """Return which code was proven, when, and how much of it by an earlier, interrupted run."""
        times = sorted(row["at"] for row in self._rows.values())
        span = f"Measured from {times[0]} to {times[-1]}" if times else "Nothing was measured"
        earlier = f", {self.earlier} of {self.earlier + self.fresh} before an interruption" if self.earlier else ""
        return f"Commit {commit()}. {span}{earlier}."


def key_of_file(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def commit() -> str:
    """Return the commit of this checkout, and whether its code was changed since."""
    head = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--", "bim", "spatial", "tests", "uv.lock")
    return f"{head} with changes" if changed else head


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _hash_of_code(code: Iterable[str], options: str) -> str:
    """Return a hash over the source below some folders or files of the checkout, and over the locked packages."""
    found = blake2b(options.encode(), digest_size=10)
    for name in sorted({*code, "uv.lock"}):
        place = ROOT / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()
