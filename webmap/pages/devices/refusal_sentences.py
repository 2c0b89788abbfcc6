"""Why a device was refused: the sentences of the operations, told again in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from spatial.devices.rules import DeviceRefused
from webmap.wording.sentences import Sentences

_SENTENCES = Sentences(
    (
        r"'(?P<code>.*)' cannot be a device code: .*",
        gettext_noop(
            "%(code)s cannot be a device code: 2 to 40 Latin letters, digits, - and _, beginning with a "
            "letter or digit."
        ),
    ),
    (
        r"The code (?P<code>.*) is taken; .*",
        gettext_noop("The code %(code)s is taken; every device of this Twinwall has its own."),
    ),
    gettext_noop("A report interval is 1 to 86400 s, not %(given)s."),
    (
        r"serial_number: (?P<what>.*) is registered already\.",
        gettext_noop("The serial number %(what)s is registered already."),
    ),
    (
        r"terminal_number: (?P<what>.*) belongs to another device .*",
        gettext_noop("The terminal number %(what)s belongs to another device."),
    ),
    (
        r"terminal_number: '(?P<what>.*)' is not 11 to 20 digits\.",
        gettext_noop("The terminal number %(what)s is not 11 to 20 digits."),
    ),
    (
        r"terminal_number: a JT/T 808 terminal needs .*",
        gettext_noop(
            "A JT/T 808 terminal needs the number in its message headers (11 to 20 digits); devices of other "
            "protocols have none."
        ),
    ),
    (
        r"channel: (?P<code>\S+) has \S+ on channel '(?P<channel>.*)' already; give another "
        r"channel\.",
        gettext_noop("This add-on is on channel “%(channel)s” of %(code)s already; give another channel."),
    ),
    (
        r"due_on: (?P<due>\S+) is not after .*",
        gettext_noop("The due day %(due)s is not after the day of the calibration."),
    ),
    (
        r"done_on: (?P<day>\S+) is in the future\.",
        gettext_noop("The day of the calibration, %(day)s, is in the future."),
    ),
    (
        r"scale: must be a number other than 0.*",
        gettext_noop("The scale must be a number other than 0."),
    ),
    (
        r"expires_on: (?P<last>\S+) lies before .*",
        gettext_noop("The last day, %(last)s, lies before the day of issue."),
    ),
    (
        r"(?:certificate_)?number: is missing\.",
        gettext_noop("The number is missing."),
    ),
    (
        r"stream_id: (?P<stream>.*) of (?P<code>\S+) is bound already; .*",
        gettext_noop("Datastream %(stream)s of %(code)s is bound already; unbind it first."),
    ),
    gettext_noop("%(code)s is on site %(site)s already."),
    gettext_noop("%(code)s is with %(who)s; let it be returned first."),
    (
        r"This file of (?P<code>\S+) is on its way already; .*",
        gettext_noop("This file of %(code)s is on its way already; see it in the list."),
    ),
    gettext_noop("%(code)s is out of use; its file cannot be taken."),
    (
        r"(?P<code>\S+) is no JT/T 808 terminal in use; .*",
        gettext_noop("%(code)s is no JT/T 808 terminal in use; only such a one registers by itself."),
    ),
)


def refusal_words(refused: DeviceRefused) -> str:
    """Return why a device was refused, in the reader's language where it is one of the usual reasons."""
    return _SENTENCES.tell(str(refused))
