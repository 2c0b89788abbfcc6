"""A child that its file has taken over: `python -m tests.bim.hostile.child FOLDER`, the deed is the file's first line.

It speaks the child's protocol where that helps it. What a deed could do it says in FOLDER/done.txt and to the log.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any


def say(**fields: Any) -> None:
    os.write(1, (json.dumps(fields) + "\n").encode())


def refuse(found: object) -> None:
    """Tell the test what was possible, as the reason of a refusal."""
    say(refused=json.dumps(found))


def sleep_for_ever(**_: Any) -> None:
    time.sleep(10_000)


def sleep_in_the_mesher(**_: Any) -> None:
    say(stage="mesh", part=0.5)
    time.sleep(10_000)


def spin(**_: Any) -> None:
    for _child in range(3):
        os.fork()
    while True:
        say(stage="read", part=0.1)


def talk_nonsense(**_: Any) -> None:
    for line in (b"\xff\xfe\n", b"[]\n", b'{"at": "x"}\n', b'{"stage": {}}\n', b'{"stage": "mesh", "part": "NaN"}\n'):
        os.write(1, line)
    say(stage="mesh", part=float("nan"))
    say(done=True)


def shout(**_: Any) -> None:
    while True:
        os.write(1, b"x" * 65_536)


def eat_memory(**_: Any) -> None:
    eaten = []
    while True:
        eaten.append(bytearray(16 << 20))


def eat_memory_together(**_: Any) -> None:
    """Stay below the limit of one process, in many."""
    for _child in range(8):
        if os.fork() == 0:
            break
    eaten = bytearray(b"x") * (60 << 20)
    time.sleep(10_000)
    say(eaten=len(eaten))


def fork_a_bomb(**_: Any) -> None:
    while True:
        try:
            if os.fork() == 0:
                time.sleep(10_000)
        except OSError:
            time.sleep(0.05)


def fill_the_disk(folder: Path, **_: Any) -> None:
    number = 0
    while True:
        (folder / f"part-{number}.bin").write_bytes(b"x" * (8 << 20))
        number += 1


def fill_the_log(**_: Any) -> None:
    while True:
        os.write(2, b"x" * (1 << 20))


def fill_the_scratch(**_: Any) -> None:
    """Fill whatever else can be written to: folders in memory count against nobody's process."""
    filled = {}
    for place in ("/tmp", "/dev/shm", "/", "/dev", "/usr", "/proc"):
        try:
            with open(f"{place}/hostile.bin", "wb") as file:
                for _block in range(2_000):
                    file.write(b"x" * (1 << 20))
                filled[place] = "2000 MB"
        except OSError as error:
            filled[place] = type(error).__name__ + (" full" if error.errno == 28 else "")
    refuse(filled)


def fill_with_empty_files(folder: Path, **_: Any) -> None:
    number = 0
    while True:
        os.close(os.open(folder / f"{number}", os.O_CREAT))
        number += 1


def outlive(folder: Path, **_: Any) -> None:
    """Leave a process of another session behind that keeps the pipe open, and end well or badly."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            (folder / "survivor.txt").write_text("here")
            time.sleep(10_000)
        os._exit(0)
    while not (folder / "survivor.txt").exists():
        time.sleep(0.01)
    sys.exit(3)


def connect(port: int, **_: Any) -> None:
    found = {}
    for name, family, address in (
        ("tcp", socket.AF_INET, ("127.0.0.1", port)),
        ("world", socket.AF_INET, ("192.0.2.1", 80)),
        ("database", socket.AF_UNIX, os.environ.get("HOSTILE_SOCKET", "/nowhere")),
    ):
        try:
            with socket.socket(family) as plug:
                plug.settimeout(1)
                plug.connect(address)  # type: ignore[arg-type]
                found[name] = "connected"
        except OSError as error:
            found[name] = type(error).__name__
    refuse(found)


def read_secrets(secrets: list[str], **_: Any) -> None:
    found: dict[str, str] = {}
    for path in ["/etc/shadow", *secrets]:
        try:
            found[path] = "read" if Path(path).read_bytes() else "empty"
        except OSError as error:
            found[path] = type(error).__name__
    try:
        entries = [entry.name for entry in Path("/proc").iterdir()]
    except PermissionError:
        entries = []
    for entry in entries:
        if entry.isdigit():
            try:
                content = Path("/proc", entry, "environ").read_bytes()
            except OSError:
                continue
            if b"TWINWALL_" in content or b"DJANGO_" in content:
                found["environment"] = "read"
    found["own environment"] = " ".join(sorted(name for name in os.environ if "TWINWALL" in name or "DJANGO" in name))
    refuse(found)


def write_outside(outside: list[str], folder: Path, **_: Any) -> None:
    found = {}
    for path in [*outside, str(folder.parent / "beside.txt"), "/proc/sys/kernel/core_pattern"]:
        try:
            with open(path, "ab") as file:
                file.write(b"")
            found[path] = "opened"
        except OSError as error:
            found[path] = type(error).__name__
    refuse(found)


def kill_others(**_: Any) -> None:
    found = {}
    for name, pid in (("parent", os.getppid()), ("everyone", -1)):
        try:
            os.kill(pid, 0)
            found[name] = "allowed"
        except OSError as error:
            found[name] = type(error).__name__
    refuse(found)


def plant_links(folder: Path, outside: list[str], **_: Any) -> None:
    """Lay links where the parent writes next, and break the mesher so that it starts again."""
    for number in range(1, 40):
        with suppress(FileExistsError):
            (folder / f"child-{number:03d}.log").symlink_to(outside[0])
    (folder / "request.json").unlink()
    (folder / "request.json").symlink_to(outside[0])
    say(stage="mesh", part=0.0)
    os.abort()


def publish_secrets(folder: Path, secrets: list[str], **_: Any) -> None:
    """Claim to be done, with links in the tiles that the web server would send to anyone."""
    (folder / "tiles").mkdir()
    (folder / "tiles" / "tileset.json").symlink_to(secrets[0])
    _pretend(folder)


def answer_with_a_pipe(folder: Path, **_: Any) -> None:
    (folder / "tiles").mkdir()
    os.mkfifo(folder / "rows.npz")
    _pretend(folder)


def answer_with_rubbish(folder: Path, **_: Any) -> None:
    (folder / "tiles").mkdir()
    _pretend(folder)
    (folder / "result.json").write_text("[" * 100_000)


def _pretend(folder: Path) -> None:
    for name in ("rows.npz", "footprints.bin", "elements.jsonl", "documents.json", "lengths.npy", "placements.npy"):
        if not (folder / name).exists():
            (folder / name).write_bytes(b"")
    result = {
        "schema": "IFC4", "elements": 0, "meshed": 0, "gaps": [], "storeys": [], "georeference": {"placed": False},
        "tiles": {"bytes": 0}, "meshes": {}, "warnings": [],
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(result))
    say(done=True)


def bury_deep(folder: Path, **_: Any) -> None:
    """Leave folders so deep that a path to them is too long, and shut one to its owner."""
    os.chdir(folder)
    for _level in range(400):
        Path("deep-in-the-folder").mkdir()
        os.chdir("deep-in-the-folder")
    shut = folder / "shut"
    (shut / "inside").mkdir(parents=True)
    shut.chmod(0)
    sys.exit(3)


def main() -> None:
    """Do the deed that the source file names."""
    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    with open(request["source"], "rb") as file:
        if file.read(1) != b"{":
            from bim.pipeline.child import main as the_real_child

            sys.exit(the_real_child())
    orders = json.loads(Path(request["source"]).read_text(encoding="utf-8"))
    say(stage="read", part=0.0)
    globals()[orders.pop("deed")](folder=folder, **orders)


if __name__ == "__main__":
    main()
