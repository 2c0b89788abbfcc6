"""Why a message of a device was refused: what the decoders say in English, told in the reader's language.

A decoder's reason is one of these sentences with its parts filled in, after the field it is about. The pages that
count refusals by kind have the numbers taken out of them ("…"); those are told too.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from webmap.wording.sentences import Sentences, pattern_of

# A number, a date or a time; not the 8 of UTF-8, nor the 3 of NH3. PostgreSQL and Python read it alike.
NUMBERS = r"(^|[^A-Za-z0-9-])[0-9]+([.:-][0-9]+)*"
_FIELD = re.compile(r"((?:item )?[^\s:]+): (.+)", re.DOTALL)
_IN_FIELD = gettext_noop("%(field)s: %(reason)s")
_SENTENCES = (
    gettext_noop("is missing"),
    gettext_noop("is missing, and so are readings, signals and battery"),
    gettext_noop("is not a field of version 1"),
    gettext_noop("must be 1"),
    gettext_noop("must be 0"),
    gettext_noop("must be 0 or 1"),
    gettext_noop("must be %(version)s"),
    gettext_noop("must be an object"),
    gettext_noop("must be a list that is not empty"),
    gettext_noop("must be true, false or absent"),
    gettext_noop("must be true, false or empty"),
    gettext_noop("must be a number"),
    gettext_noop("must be a number from %(low)s to %(high)s"),
    gettext_noop("must be a whole number from %(low)s to %(high)s"),
    gettext_noop("must be one of %(allowed)s"),
    gettext_noop("must be text of the form %(form)s"),
    gettext_noop("must be 4 to 32 lower-case hexadecimal digits"),
    gettext_noop("must be at most %(most)s"),
    gettext_noop("must be from %(low)s to %(high)s ms"),
    gettext_noop("must be %(low)s to %(high)s m"),
    gettext_noop("must be %(low)s to %(high)s"),
    gettext_noop("must be 0 to 100, or 255 for unknown"),
    gettext_noop("must be at least one, with at most %(most)s words"),
    gettext_noop("must not be empty"),
    gettext_noop("must be 255 where no grid is used"),
    gettext_noop("must be a list of observations"),
    gettext_noop("must be a list of names"),
    gettext_noop("must be a list of lists"),
    gettext_noop("must be a list of %(count)s values"),
    gettext_noop("must be a GeoJSON Point"),
    gettext_noop("must be longitude, latitude and, if known, height"),
    gettext_noop("is not the number of a word"),
    gettext_noop("is not the number of a part"),
    gettext_noop("is not a word, nor 255"),
    gettext_noop("is not in the table: %(given)s"),
    gettext_noop("%(given)s is not in the table"),
    gettext_noop("has bits that version 1 does not have"),
    gettext_noop("has a height above a grid's floor, but no grid"),
    gettext_noop("has more cells than the header"),
    gettext_noop("holds no observation"),
    gettext_noop("more messages wait than the share of one device; send it again, with more in each"),
    gettext_noop("is null"),
    gettext_noop("is cut off"),
    gettext_noop("ends behind the end of the message"),
    gettext_noop("does not begin with TWB and a whole header"),
    gettext_noop("says %(said)s bytes, but %(came)s came"),
    gettext_noop("does not fit the bytes before it"),
    gettext_noop("%(count)s bytes too many before the crc"),
    gettext_noop("%(count)s bytes, more than %(most)s"),
    gettext_noop("%(count)s bytes, at most %(most)s"),
    gettext_noop("%(count)s bytes, less than %(least)s"),
    gettext_noop("%(count)s bytes instead of %(wanted)s"),
    gettext_noop("%(count)s fixes, more than %(most)s"),
    gettext_noop("%(count)s readings, more than %(most)s"),
    gettext_noop("%(count)s signals, more than %(most)s"),
    gettext_noop("%(count)s parts, more than %(most)s"),
    gettext_noop("%(count)s %(items)s, more than %(most)s"),
    gettext_noop("more than %(most)s observations"),
    gettext_noop("more than %(most)s records"),
    gettext_noop("more than %(most)s"),
    gettext_noop("not UTF-8 JSON (%(error)s)"),
    gettext_noop("%(name)s is not a JSON number"),
    gettext_noop("an object has the same field twice"),
    gettext_noop("the top of the payload must be an object"),
    gettext_noop("not JSON"),
    gettext_noop("not a JSON object"),
    gettext_noop("names nothing in this payload"),
    gettext_noop("there is no list"),
    gettext_noop("there is no such place in a list"),
    gettext_noop("there is no such field"),
    gettext_noop("%(given)s is not a number"),
    gettext_noop("%(given)s is not a number."),
    gettext_noop("%(given)s is neither milliseconds since 1970 nor ISO 8601"),
    gettext_noop("%(given)s has no offset; write 2026-03-01T09:00:00+08:00"),
    gettext_noop("%(given)s is no ISO 8601 time"),
    gettext_noop("%(given)s has no zone; end it with Z or +08:00"),
    gettext_noop("%(given)s is no time of now"),
    gettext_noop("%(given)s is no BCD time YYMMDDhhmmss"),
    gettext_noop("%(given)s is no time as %(wanted)s (it has no zone: give the mapping one)"),
    gettext_noop("%(given)s is no time as %(wanted)s"),
    gettext_noop("%(given)s does not fit %(form)s"),
    gettext_noop("%(given)s is no quantity; give a table"),
    gettext_noop("%(given)s is not a quantity; the codes are in docs/reference/quantities-and-alarm-rules.md."),
    gettext_noop("%(given)s is outside what %(quantity)s can be (%(range)s)."),
    gettext_noop("%(given)s lies outside %(low)s to %(high)s"),
    gettext_noop("%(given)s is not bound to a device"),
    gettext_noop("%(ahead)s s ahead of the server's clock"),
    gettext_noop("%(count)s days old"),
    gettext_noop("none is chosen for %(device)s; choose one on its page"),
    gettext_noop("site %(site)s has no positioning grid %(grid)s"),
    gettext_noop("site %(site)s has not stated where its barometers read 0"),
    gettext_noop("the device belongs to site %(site)s, not %(named)s"),
    gettext_noop("not tw/v1/SITE/DEVICE/ and %(kinds)s"),
    gettext_noop("not tw/v1/SITE/DEVICE/receipts"),
    gettext_noop("unknown or out of use"),
    gettext_noop("%(device)s is unknown or out of use"),
    gettext_noop("%(device)s is another device, and only a gateway or terminal speaks for others"),
    gettext_noop("%(device)s belongs to another site"),
    gettext_noop("no command of this device"),
    gettext_noop("not the id of a command"),
    gettext_noop("not milliseconds since 1970"),
    gettext_noop("unknown terminal number"),
    gettext_noop("wrong authentication code"),
    gettext_noop("may not register now; let it register on its page, or enter its code on the terminal"),
    gettext_noop("terminal %(number)s speaks on the connection of %(other)s"),
    gettext_noop("0x7d is followed by neither 0x01 nor 0x02"),
    gettext_noop("%(digits)s holds no decimal digits"),
    gettext_noop("%(count)s bytes are less than a header and its checksum"),
    gettext_noop("%(given)s instead of %(wanted)s"),
    gettext_noop("encrypted bodies are not supported; switch the terminal's encryption off"),
    gettext_noop("package %(number)s of %(total)s"),
    gettext_noop("ends after %(count)s of %(wanted)s bytes"),
    gettext_noop("%(count)s bytes, but the header says %(wanted)s"),
    gettext_noop("does not begin with 0x7e; this is no JT/T 808"),
    gettext_noop("more than %(most)s bytes without 0x7e"),
    gettext_noop("shorter than its code"),
    gettext_noop("shorter than its count"),
    gettext_noop("%(count)s locations; 1 to %(most)s are taken"),
    gettext_noop("location %(number)s is cut off"),
    gettext_noop("%(count)s bytes after its last location"),
    gettext_noop("internal: %(error)s"),
)


def without_numbers(text: str) -> str:
    """Return a text with each number replaced by an ellipsis."""
    return re.sub(NUMBERS, r"\1…", text)


# Sentences with more words of their own first: "must be a number from LOW to HIGH" before "must be VERSION".
_ORDERED = sorted(_SENTENCES, key=lambda sentence: -len(re.sub(r"%\(\w+\)s", "", sentence)))
_WHOLE = Sentences(*_ORDERED)
_KINDS = Sentences(*((pattern_of(without_numbers(sentence)), sentence) for sentence in _ORDERED))


def refusal_reason(text: str) -> str:
    """Return a reason in the reader's language; one that is not known stays as it is."""
    return known_reason(text) or text


def known_reason(text: str) -> str | None:
    """Return a reason in the reader's language, or None when it is not one of the sentences here."""
    if (named := _FIELD.fullmatch(text)) and (reason := known_reason(named[2])) is not None:
        return _(_IN_FIELD) % {"field": named[1], "reason": reason}
    if "…" not in text:
        return _WHOLE.find(text)
    kind = _KINDS.find(text)
    return kind and without_numbers(kind)
