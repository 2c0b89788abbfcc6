"""What planning refuses with, in the reader's language."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from spatial.planning.body import BodyRefused
from spatial.planning.operations import DocumentIncomplete, PlanningForbidden, PlanningRefused
from spatial.planning.rules import SigningRefused
from webmap.wording.sentences import Sentences

from .words import STEP_WORDS, field_title

REFUSALS: Final = (PlanningRefused, SigningRefused, BodyRefused)
_STEP: Final = "compile|review|approve|issue"
_SENTENCES: Final = Sentences(
    (r"The text is empty; .*", gettext_noop("The text is empty; write it, or take the template again.")),
    gettext_noop("The text has %(count)s characters; shorten it to %(limit)s."),
    gettext_noop("The line has %(count)s characters; break it into several."),
    gettext_noop("The line holds a control character; type it again."),
    (
        r"A field is \{\{name\}\} .*",
        gettext_noop("A field is {{name}} with a name from the list; close its braces."),
    ),
    gettext_noop("There is no field %(name)s; take one from the list beside the text."),
    gettext_noop("The table %(name)s needs a line of its own."),
    (
        r"Only the safety officer, .*",
        gettext_noop("Only the safety officer, the project manager or the company's safety department may do this."),
    ),
    (
        r"There is a version of this document that is not issued yet; .*",
        gettext_noop("There is a version of this document that is not issued yet; go on with that one."),
    ),
    (
        r"A signed version is not edited; .*",
        gettext_noop("A signed version is not edited; return it first, or begin a new version."),
    ),
    gettext_noop("The title needs 2 to 160 characters."),
    (
        r"Only a version that was signed .*",
        gettext_noop("Only a version that was signed and is not issued can be returned."),
    ),
    gettext_noop("Only who may %(step)s this document may return it."),
    (
        r"Say why the document is returned, .*",
        gettext_noop("Say why the document is returned, so that its compiler knows what to change."),
    ),
    gettext_noop("%(name)s has no role on this site; give a role first."),
    gettext_noop("%(name)s already has this duty."),
    gettext_noop("Say what the training was about."),
    gettext_noop("A training is noted when it was held, not before."),
    (
        r"Between 1 and 100,000 people .*",
        gettext_noop("Between 1 and 100,000 people take part in a training."),
    ),
    (
        r"A document that is \w+ is not signed any more; begin a new version\.",
        gettext_noop("An issued document is not signed any more; begin a new version."),
    ),
    (
        rf"The next signature is to (?P<step>{_STEP}), not to .*",
        gettext_noop("The next signature is to %(step)s."),
    ),
    (
        rf"To (?P<step>{_STEP}) this document needs one of the roles .*",
        gettext_noop("You have no role that may %(step)s this document."),
    ),
    (
        rf"Who compiled a document does not (?P<step>{_STEP}) it; .*",
        gettext_noop("Who compiled a document does not %(step)s it; let somebody else do that."),
    ),
    words={"step": lambda step: str(STEP_WORDS.get(step, step))},
)
_AT_LINE: Final = Sentences(
    (r"Line (?P<line>\d+): (?P<reason>.*)", gettext_noop("Line %(line)s: %(reason)s")),
    words={"reason": _SENTENCES.tell},
)


def refusal_sentence(error: Exception) -> str:
    """Return why something was refused, in the reader's language; an unknown sentence as it came."""
    if isinstance(error, DocumentIncomplete):
        return _("These fields are not filled yet: %(names)s. Fill them, or take them out of the text.") % {
            "names": ", ".join(field_title(name) for name in error.fields)
        }
    return _AT_LINE.find(str(error)) or _SENTENCES.tell(str(error))


def refusal_status(error: Exception) -> int:
    """Return 403 where the person may not, 422 for everything else."""
    return 403 if isinstance(error, PlanningForbidden) else 422
