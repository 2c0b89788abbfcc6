"""What an import says of a file, in the reader's language: the importer is pure code and speaks English.

A reason is one sentence of a refusal, or the warnings of an import one after another. Each pattern names its parts;
a sentence that no pattern knows is shown as it came.
"""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext_noop

from webmap.wording.sentences import Sentences

_N: Final = r"\d[\d.]*"
_CAUSES: Final = Sentences(
    gettext_noop("it gave no sign of life within its time"),
    (r"the process ended with (?P<signal>SIG\w+)", gettext_noop("the process ended with %(signal)s")),
    (r"the process ended with signal (?P<number>\d+)", gettext_noop("the process ended with signal %(number)s")),
    (
        r"the process ended with status (?P<status>\d+)(?P<last>.*)",
        gettext_noop("the process ended with status %(status)s%(last)s"),
    ),
    (
        r"The import used more than its (?P<size>\d+) MB of memory and was stopped",
        gettext_noop("it used more than its %(size)s MB of memory"),
    ),
    gettext_noop("their own CartesianPosition says"),
    gettext_noop("their alignment's parameters put them"),
)


def _cause(text: str) -> str:
    """Return why a process ended in the reader's language; what a kernel or a parser says stays as it came."""
    bare = text.removesuffix(".")
    return _CAUSES.tell(bare) + text[len(bare) :]


_SENTENCES: Final = Sentences(
    gettext_noop("The file is empty (0 bytes)."),
    (
        r"The zip holds (?P<count>\d+) models \((?P<names>.*?)\); import them one by one\.",
        gettext_noop("The zip holds %(count)s models (%(names)s); import them one by one."),
    ),
    gettext_noop("The zip holds ifcXML, which cannot be read yet; export the model as STEP (.ifc)."),
    gettext_noop("The zip holds no .ifc file."),
    (
        r"The zip uses Deflate64, which cannot be unpacked here; .*? send it bare\.",
        gettext_noop("The zip uses Deflate64, which cannot be unpacked here; zip the .ifc file again or send it bare."),
    ),
    gettext_noop("The zip is locked with a password."),
    (
        r"The zip would unpack to (?P<big>\d+) bytes from (?P<small>\d+): more than is allowed\.",
        gettext_noop("The zip would unpack to %(big)s bytes from %(small)s: more than is allowed."),
    ),
    (r"The zip cannot be unpacked: (?P<why>.*?)\.$", gettext_noop("The zip cannot be unpacked: %(why)s.")),
    (
        r"The file is cut off: it ends at line (?P<line>\d+) without END-ISO-10303-21;\.",
        gettext_noop("The file is cut off: it ends at line %(line)s without END-ISO-10303-21;."),
    ),
    gettext_noop("The header names no schema (FILE_SCHEMA is missing or damaged)."),
    (
        r"The header names the schema (?P<name>.*?), which is no IFC schema that can be read\.",
        gettext_noop("The header names the schema %(name)s, which is no IFC schema that can be read."),
    ),
    gettext_noop("The file is a gzip archive, not IFC; unpack it first."),
    gettext_noop("The file is saved as UTF-16; IFC files (STEP) are ASCII."),
    gettext_noop("Line 1: the file is an HTML page (a failed download?), not IFC."),
    gettext_noop("The file is ifcXML, which cannot be read yet; export the model as STEP (.ifc)."),
    gettext_noop("Line 1: the file is not IFC: it does not begin with ISO-10303-21;."),
    (
        r"The file cannot be parsed\. Line (?P<line>\d+): (?P<why>.*)$",
        gettext_noop("The file cannot be parsed. Line %(line)s: %(why)s"),
    ),
    (r"The file cannot be parsed\. (?P<why>.*)$", gettext_noop("The file cannot be parsed. %(why)s")),
    (
        r"The file holds no project and no element in its (?P<lines>\d+) lines: there is nothing to import\.",
        gettext_noop("The file holds no project and no element in its %(lines)s lines: there is nothing to import."),
    ),
    (
        rf"The import was stopped at its limit of (?P<limit>{_N}) s, in the stage (?P<stage>\w+) at (?P<part>\d+) %\.",
        gettext_noop("The import was stopped at its limit of %(limit)s s, in the stage %(stage)s at %(part)s %%."),
    ),
    (
        r"The file broke the reader in the stage (?P<stage>\w+): (?P<why>.*)$",
        gettext_noop("The file broke the reader in the stage %(stage)s: %(why)s"),
    ),
    (
        r"The file broke the reader: what it left is damaged \((?P<what>.*?)\)\.(?=\s|$)",
        gettext_noop("The file broke the reader: what it left is damaged (%(what)s)."),
    ),
    gettext_noop("The file broke the reader: it wrote a line without an end."),
    (
        r"The import used more than its (?P<size>\d+) MB of memory and was stopped\.",
        gettext_noop("The import used more than its %(size)s MB of memory and was stopped."),
    ),
    (
        r"The import wrote more than its (?P<size>\d+) MB to the disk and was stopped\.",
        gettext_noop("The import wrote more than its %(size)s MB to the disk and was stopped."),
    ),
    (
        r"The import started more than (?P<count>\d+) processes and was stopped\.",
        gettext_noop("The import started more than %(count)s processes and was stopped."),
    ),
    (
        r"bubblewrap cannot be used on this machine: the file was read in a child process that the kernel .*?\)\.",
        gettext_noop(
            "bubblewrap cannot be used on this machine: the file was read in a child process that the kernel keeps "
            "from other files and from the network (Landlock, seccomp)."
        ),
    ),
    gettext_noop("bubblewrap cannot be used on this machine: the file was read in a child process with limits only."),
    (
        r"The import was begun (?P<count>\d+) times, and each time its worker was killed\.",
        gettext_noop("The import was begun %(count)s times, and each time its worker was killed."),
    ),
    gettext_noop("The model needs more memory than an import may use."),
    (
        r"The file says schema (?P<said>\S+); it was read as (?P<used>\S+), the nearest schema that can be read\.",
        gettext_noop("The file says schema %(said)s; it was read as %(used)s, the nearest schema that can be read."),
    ),
    gettext_noop("Curves and linear placement may mean something else there: check them."),
    (
        r"Names are written as raw (?P<code>\S+) instead of STEP escapes; they were read as \S+\.(?=\s|$)",
        gettext_noop("Names are written as raw %(code)s instead of STEP escapes; they were read as such."),
    ),
    gettext_noop("The file names no length unit; metres were assumed."),
    (
        r"(?P<count>\d+) elements share a GlobalId with another element\.",
        gettext_noop("%(count)s elements share a GlobalId with another element."),
    ),
    gettext_noop("The file holds no IfcProject: units and place are unknown."),
    (
        r"(?P<count>\d+) instances of classes that (?P<schema>\S+) does not know were left out: (?P<names>.*?\))\.",
        gettext_noop("%(count)s instances of classes that %(schema)s does not know were left out: %(names)s."),
    ),
    (
        r"(?P<count>\d+) references lead to instances that do not exist \(the first in #(?P<first>\d+)\)\.",
        gettext_noop("%(count)s references lead to instances that do not exist (the first in #%(first)s)."),
    ),
    (
        r"The zip holds (?P<count>\d+) files; a model is one \.ifc file in a zip\.",
        gettext_noop("The zip holds %(count)s files; a model is one .ifc file in a zip."),
    ),
    gettext_noop("The zip unpacks to more than it says: it was not read further."),
    gettext_noop("The mesher broke on more than 1,000 elements."),
    (
        r"The mesher broke before its first element: (?P<why>.*?)\.(?=\s|$)",
        gettext_noop("The mesher broke before its first element: %(why)s."),
    ),
    (
        r"OpenCASCADE did not survive it: (?P<why>.*?)\.(?=\s|$)",
        gettext_noop("OpenCASCADE did not survive it: %(why)s."),
    ),
    (
        rf"Unplaced: its shape came out (?P<far>{_N}) m from where its own CartesianPosition puts it\.",
        gettext_noop("Unplaced: its shape came out %(far)s m from where its own CartesianPosition puts it."),
    ),
    (
        rf"Unplaced: its shape came out (?P<far>{_N}) m from where its alignment's parameters put it\.",
        gettext_noop("Unplaced: its shape came out %(far)s m from where its alignment's parameters put it."),
    ),
    (r"OpenCASCADE could not mesh it: (?P<why>.*)$", gettext_noop("OpenCASCADE could not mesh it: %(why)s")),
    gettext_noop("The reader gave no reason."),
    (
        r"The file says schema (?P<said>\S+) and would be misread as (?P<used>\S+): line (?P<line>\d+), "
        r"#(?P<id>\d+) (?P<what>.*?); export it as IFC4X3_ADD2, IFC4 or IFC2X3\.",
        gettext_noop(
            "The file says schema %(said)s and would be misread as %(used)s: line %(line)s, #%(id)s %(what)s; "
            "export it as IFC4X3_ADD2, IFC4 or IFC2X3."
        ),
    ),
    (
        r"Attributes of (?P<count>\d+) classes do not fit (?P<used>\S+) and were not used: (?P<names>.*?)\.(?=\s|$)",
        gettext_noop("Attributes of %(count)s classes do not fit %(used)s and were not used: %(names)s."),
    ),
    gettext_noop("The .ifc file in the zip is a zip itself; unpack it first."),
    (
        rf"It was not meshed: the time for meshes was up after (?P<after>{_N}) s of the import's (?P<limit>{_N}) s\.",
        gettext_noop("It was not meshed: the time for meshes was up after %(after)s s of the import's %(limit)s s."),
    ),
    gettext_noop("The mesher left it out."),
    gettext_noop("The mesher made a shape without a surface."),
    (
        r"The body has (?P<count>\d+) triangles, over (?P<most>\d+)\.",
        gettext_noop("The body has %(count)s triangles, over %(most)s."),
    ),
    gettext_noop("The body has coordinates that are no numbers or beyond all measure."),
    gettext_noop("The mesher named corners that do not exist."),
    (
        r"(?P<count>\d+) elements stand on an alignment in a file that was read as (?P<used>\S+) "
        r"instead of (?P<said>\S+): check their place\.",
        gettext_noop(
            "%(count)s elements stand on an alignment in a file that was read as %(used)s "
            "instead of %(said)s: check their place."
        ),
    ),
    (
        r"(?P<count>\d+) elements on an alignment do not lie where (?P<why>.*?): (?P<names>.*?)\.(?=\s|$)",
        gettext_noop("%(count)s elements on an alignment do not lie where %(why)s: %(names)s."),
    ),
    (
        r"The import failed by an error of ours \((?P<kind>\w+)\); it is in the worker's log\.",
        gettext_noop("The import failed by an error of ours (%(kind)s); it is in the worker's log."),
    ),
    (r"The file cannot be read: (?P<why>.*?)\.$", gettext_noop("The file cannot be read: %(why)s.")),
    gettext_noop("The file changed while it was imported."),
    words={"why": _cause},
)
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|$)")


def reason_words(text: str | None) -> str:
    """Return a verdict's reason in the reader's language, sentence by sentence."""
    words, rest = [], (text or "").strip()
    while rest:
        said, length = _SENTENCES.opening(rest) or _unknown(rest)
        words.append(said)
        rest = rest[length:].lstrip()
    return " ".join(words)


def _unknown(text: str) -> tuple[str, int]:
    """Return the first sentence of a text as it came, and where it ends."""
    end = _SENTENCE_END.search(text)
    length = end.end() if end else len(text)
    return text[:length], length
