"""What is wrong with a line of a device's file, told in the reader's language: most of it is what decoders say."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from webmap.wording.sentences import Sentences

from .message_reasons import known_reason

_FIELD = r"(?:fixes\[\d+\]\.)?(?P<field>[\w.\[\]]+): "
_SENTENCES = Sentences(
    (_FIELD + r"is missing", gettext_noop("%(field)s is missing")),
    (_FIELD + r"must be one of (?P<words>.*)", gettext_noop("%(field)s must be one of %(words)s")),
    (
        _FIELD + r"must be a number from (?P<low>\S+) to (?P<high>\S+)",
        gettext_noop("%(field)s must be a number from %(low)s to %(high)s"),
    ),
    (_FIELD + r"(?P<given>.*) is not a number", gettext_noop("%(field)s: %(given)s is not a number")),
    (
        _FIELD + r"(?P<given>.*) has no offset; .*",
        gettext_noop("%(field)s: %(given)s has no offset; write it like 2026-03-01T09:00:00+08:00"),
    ),
    (
        _FIELD + r"(?P<given>.*) is neither milliseconds since 1970 nor ISO 8601",
        gettext_noop("%(field)s: %(given)s is neither milliseconds since 1970 nor ISO 8601"),
    ),
    gettext_noop("%(by)s ahead of the server's clock"),
    gettext_noop("the header lacks %(names)s"),
    gettext_noop("is not JSON"),
    gettext_noop("must be a JSON object"),
    (r"(?:\S*: )?has more cells than the header", gettext_noop("has more cells than the header")),
    gettext_noop("is not UTF-8; save the file as UTF-8"),
    gettext_noop("the file has no fix"),
    (
        r"crs: site (?P<site>\S+) has no positioning grid (?P<grid>.*)",
        gettext_noop("site %(site)s has no positioning grid %(grid)s"),
    ),
    (
        r"h_ref: site (?P<site>\S+) has not stated where its barometers read 0",
        gettext_noop("site %(site)s has not stated where its barometers read 0"),
    ),
    gettext_noop("The uploaded file is gone; upload it again."),
)


def line_words(reason: str) -> tuple[str, bool]:
    """Return a reason in the reader's language, and whether it could be told so."""
    found = _SENTENCES.find(reason) or known_reason(reason)
    return (reason, False) if found is None else (found, True)
