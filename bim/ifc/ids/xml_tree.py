"""Read the XML of an IDS file without what XML can do to its reader: no DTD, no entity, no network, bounded size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ..refusal import Refusal

MAX_BYTES = 8 << 20
MAX_DEPTH = 64
NAMESPACE = "http://standards.buildingsmart.org/IDS"


class IdsRefusal(Refusal):
    """The IDS file cannot be run. `code` says what is wrong, `line` where (0: the whole file), `detail` the cause."""

    def __init__(self, code: str, line: int, detail: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.line, self.detail = code, line, detail


@dataclass(frozen=True)
class XmlTree:
    """A parsed file: its root, the prefixes it declares, and the line of every element (by id of the object)."""

    root: Element
    prefixes: dict[str, str]
    lines: dict[int, int]

    def line_of(self, element: Element | None) -> int:
        return self.lines.get(id(element), 0)


def read_tree(path: Path) -> XmlTree:
    """Parse the file. Raises IdsRefusal with the line where it is no XML or declares a document type."""
    if path.stat().st_size > MAX_BYTES:
        raise IdsRefusal(
            "size", 0, "", f"The IDS file has more than {MAX_BYTES >> 20} MB; split it into several files."
        )
    content = path.read_bytes()
    if not content.strip():
        raise IdsRefusal("empty", 0, "", "The IDS file is empty; export it again.")
    builder = _Builder()
    try:
        tree = builder.parse(content)
    except expat.ExpatError as error:
        cause = expat.errors.messages.get(error.code, str(error))
        raise IdsRefusal(
            "xml", error.lineno, cause,
            f"Line {error.lineno}: the IDS file is no well-formed XML ({cause}); export it again or correct the line.",
        ) from error  # fmt: skip
    if tree.root.tag != f"{{{NAMESPACE}}}ids":
        local = tree.root.tag.rpartition("}")[2]
        raise IdsRefusal(
            "root", tree.line_of(tree.root), local,
            f"Line {tree.line_of(tree.root)}: the file begins with <{local[:60]}>, not with <ids> of the namespace "
            f"{NAMESPACE}: it is no IDS file.",
        )  # fmt: skip
    return tree


class _Builder:
    def __init__(self) -> None:
        self.prefixes: dict[str, str] = {}
        self.lines: dict[int, int] = {}
        self.depth = 0
        self.builder = TreeBuilder()
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.builder.data
        self.parser.StartNamespaceDeclHandler = self._prefix
        self.parser.StartDoctypeDeclHandler = self._doctype

    def parse(self, content: bytes) -> XmlTree:
        self.parser.Parse(content, True)
        root = self.builder.close()
        return XmlTree(root, self.prefixes, self.lines)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        line = self.parser.CurrentLineNumber
        if self.depth > MAX_DEPTH:
            raise IdsRefusal(
                "depth", line, "", f"Line {line}: elements are nested more than {MAX_DEPTH} deep; this is no IDS file."
            )
        element = self.builder.start(_tag(name), {_tag(key): value for key, value in attributes.items()})
        self.lines[id(element)] = line

    def _end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_tag(name))

    def _prefix(self, prefix: str | None, uri: str) -> None:
        self.prefixes.setdefault(prefix or "", uri or "")

    def _doctype(self, *_declared: object) -> None:
        line = self.parser.CurrentLineNumber
        raise IdsRefusal(
            "doctype", line, "",
            f"Line {line}: the file declares a document type (DOCTYPE), which no IDS file needs and which can hide "
            "entities; remove the declaration.",
        )  # fmt: skip


def _tag(name: str) -> str:
    return "{" + name if "}" in name else name
