"""Seeded damage to model files: what tools, networks and enemies do to a STEP file or its zip."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

_INSTANCE = re.compile(rb"^#(\d+)\s*=\s*([A-Z0-9_]+)\s*\(.*\);", re.MULTILINE)
_REFERENCE = re.compile(rb"(?<=[(,])#\d+")
_NUMBER = re.compile(rb"(?<=[(,])-?\d+\.\d*(?:E[+-]?\d+)?(?=[,)])")
_CLASS = re.compile(rb"(?<==)\s*IFC[A-Z0-9]+")
_TEXT = re.compile(rb"'[^'\n]*'")
_ODD_NUMBERS = (
    b"1.E300", b"-1.E308", b"1E400", b"NAN", b"-INF", b"99999999999999999999999999", b"0.", b"1.E-320", b"$", b"*",
    b"-1", b".5", b"1.E8",
)  # fmt: skip
_ODD_CLASSES = (
    b"IFCROOT", b"IFCPRODUCT", b"IFCWALL", b"IFCNONSENSE", b"IFCCARTESIANPOINT", b"IFCMAPPEDITEM", b"IFCPROJECT",
    b"IFCRELAGGREGATES", b"IFCLOCALPLACEMENT", b"IFCADVANCEDBREP", b"IFCBOOLEANRESULT", b"ENDSEC", b"",
)  # fmt: skip
_ODD_TEXTS = (
    b"\\X2\\D800\\X0\\", b"\\X2\\4E2", b"\\X4\\00110000\\X0\\", b"\\S\\'", b"\xd6\xd0\xb9\xfa", b"\xff\xfe\x00",
    b"\x00\x01\x1b[2J", b"\\X\\00", b"../../../etc/passwd", b"A" * 100_000, b"'; DROP TABLE bim_element; --", b"\\PZ\\",
)  # fmt: skip

Damage = Callable[[bytes, random.Random], bytes]


def _flip(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 3, 20, 200))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _truncate(content: bytes, chance: random.Random) -> bytes:
    cut = content[: chance.randrange(len(content))]
    return cut + chance.choice((b"", b"\nENDSEC;\nEND-ISO-10303-21;\n"))


def _lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    for _ in range(chance.choice((1, 5, 30))):
        if not lines:
            break
        at = chance.randrange(len(lines))
        if chance.random() < 0.5:
            del lines[at]
        else:
            lines.insert(chance.randrange(len(lines)), lines[at])
    return b"".join(lines)


def _swap_references(content: bytes, chance: random.Random) -> bytes:
    """Let some references lead to other instances: wrong classes, cycles, missing ones."""
    ids = [b"#" + found.group(1) for found in _INSTANCE.finditer(content)] or [b"#1"]
    return _replace_some(content, _REFERENCE, [*chance.choices(ids, k=20), b"#999999999", b"#0"], chance)


def _close_cycles(content: bytes, chance: random.Random) -> bytes:
    """Let every instance of one class name itself wherever it names another."""
    classes = sorted({found.group(2) for found in _INSTANCE.finditer(content)})
    if not classes:
        return content
    wanted = chance.choice(classes)

    def close(found: re.Match[bytes]) -> bytes:
        if found.group(2) != wanted:
            return found.group()
        return _REFERENCE.sub(b"#" + found.group(1), found.group())

    return _INSTANCE.sub(close, content)


def _odd_numbers(content: bytes, chance: random.Random) -> bytes:
    return _replace_some(content, _NUMBER, _ODD_NUMBERS, chance)


def _rename(content: bytes, chance: random.Random) -> bytes:
    return _replace_some(content, _CLASS, _ODD_CLASSES, chance)


def _odd_texts(content: bytes, chance: random.Random) -> bytes:
    return _replace_some(content, _TEXT, [b"'" + text + b"'" for text in _ODD_TEXTS], chance)


def _nest(content: bytes, chance: random.Random) -> bytes:
    depth = chance.choice((50, 2_000, 200_000))
    deep = b"(" * depth + b"1." + b")" * (depth - chance.choice((0, 0, 1)))
    return _replace_some(content, _NUMBER, [deep], chance, most=1)


def _encode(content: bytes, chance: random.Random) -> bytes:
    text = content.decode("latin-1")
    how = chance.choice(("utf-16", "utf-8-sig", "utf-32", "nul", "cr"))
    if how == "nul":
        return content[:200] + b"\x00" * 5_000 + content[200:]
    return content.replace(b"\n", b"\r") if how == "cr" else text.encode(how)


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry of a fixed time: the same seed gives the same bytes."""
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _zip(content: bytes, chance: random.Random) -> bytes:
    """A zip of the file: damaged, with wicked names, with other things in it, or one that is a bomb."""
    out = io.BytesIO()
    name = chance.choice(("model.ifc", "../../../tmp/model.ifc", "/etc/model.ifc", "a/" * 500 + "m.ifc", "C:\\m.ifc"))
    how = chance.choice(("damaged", "cut", "bomb", "sound", "stranger"))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(name), b" " * 30_000_000 if how == "bomb" else content)
        if how == "stranger":
            archive.writestr(_entry("../../evil.py"), b"raise SystemExit")
    packed = out.getvalue()
    if how == "damaged":
        return _flip(packed, chance)
    return packed[: chance.randrange(4, len(packed))] if how == "cut" else packed


def _replace_some(
    content: bytes, pattern: re.Pattern[bytes], wanted: list[bytes] | tuple[bytes, ...], chance: random.Random,
    most: int = 8,
) -> bytes:  # fmt: skip
    found = list(pattern.finditer(content))
    if not found:
        return content
    chosen = chance.sample(found, min(len(found), chance.randint(1, most)))
    for match in sorted(chosen, key=lambda match: -match.start()):
        content = content[: match.start()] + chance.choice(wanted) + content[match.end() :]
    return content


DAMAGES: dict[str, Damage] = {
    "bytes flipped": _flip,
    "cut off": _truncate,
    "lines deleted or doubled": _lines,
    "references swapped": _swap_references,
    "references to itself": _close_cycles,
    "odd numbers": _odd_numbers,
    "classes renamed": _rename,
    "odd texts": _odd_texts,
    "deep nesting": _nest,
    "other encodings": _encode,
    "zips": _zip,
}


def mutate(sources: list[bytes], seed: int, number: int) -> tuple[str, bytes]:
    """Return (kind of damage, the damaged file) of one number; the same for the same sources and seed."""
    chance = random.Random(f"{seed}-{number}")
    kind = list(DAMAGES)[number % len(DAMAGES)]
    return kind, DAMAGES[kind](chance.choice(sources), chance)
