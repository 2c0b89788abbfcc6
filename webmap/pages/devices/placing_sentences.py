"""Why a grid or a barometer reference was refused, and line faults of files: told again in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from webmap.wording.sentences import Sentences

SENTENCES = Sentences(
    (
        r"'(?P<code>.*)' cannot be a grid's code: .*",
        gettext_noop("“%(code)s” cannot be a grid's code: 1 to 40 letters, digits, -, _ and dots."),
    ),
    gettext_noop("A grid needs at least two control points at different places."),
    (
        r"The control points miss by (?P<rms>\S+) m \(RMS, at most (?P<limit>\S+)\); the worst is number "
        r"(?P<worst>\d+) with (?P<by>\S+) m\. Measure it again\.",
        gettext_noop(
            "The control points miss by %(rms)s m (RMS, at most %(limit)s m); the worst is point %(worst)s with "
            "%(by)s m. Measure it again."
        ),
    ),
    (
        r"The grid would be stretched by (?P<scale>\S+); .*",
        gettext_noop(
            "The grid would be stretched by %(scale)s: grid values must be in metres, and x and y not swapped."
        ),
    ),
    gettext_noop("This site has no grid %(code)s."),
    gettext_noop("Nothing is kept of what grid %(code)s was before."),
    (
        r"A (?:floor|reference) lies between -500 and 9000 m, not at (?P<given>.*)\.",
        gettext_noop("A height lies between -500 and 9000 m, not at %(given)s m."),
    ),
)
