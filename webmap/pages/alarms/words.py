"""Words of alarms in the active language: where one is in its life, what each act was, why something is refused."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop

from webmap.wording.sentences import Sentences

LEVELS = {"red": lazy("red"), "orange": lazy("orange"), "yellow": lazy("yellow"), "blue": lazy("blue")}
STATUSES = {
    "raised": lazy("nobody has taken note"),
    "acknowledged": lazy("noted"),
    "handled": lazy("handled"),
    "cleared": lazy("over"),
    "closed": lazy("closed"),
    "false_alarm": lazy("false alarm"),
    "disproved": lazy("disproved by later data"),
}
FALSE_REASONS = {
    "sensor_fault": lazy("fault of the sensor"),
    "wrong_limit": lazy("limit too tight"),
    "wrong_place": lazy("position was wrong"),
    "test": lazy("a test"),
    "permitted_work": lazy("permitted work"),
    "other": lazy("another reason"),
}
ACTS = {
    "raise_alarm": lazy("Raised"),
    "make_alarm_live": lazy("Turned out to go on still"),
    "call_again": lazy("Called for help again"),
    "change_alarm_level": lazy("Level changed"),
    "acknowledge_alarm": lazy("Noted"),
    "handle_alarm": lazy("Handled"),
    "clear_alarm": lazy("Over"),
    "close_alarm": lazy("Closed"),
    "mark_false_alarm": lazy("Marked as a false alarm"),
    "disprove_alarm": lazy("Disproved by later data"),
    "correct_alarm": lazy("Times corrected by late data"),
    "escalate_alarm": lazy("Told to the next role"),
    "open_hazard_draft": lazy("A hazard draft was opened"),
    "submit_hazard_draft": lazy("Reported as a hazard"),
    "dismiss_hazard_draft": lazy("Hazard draft dismissed"),
}
_REFUSALS = Sentences(
    gettext_noop("Only a safety role on this site may do this."),
    gettext_noop("Say what was done about the alarm."),
    gettext_noop("The alarm is closed; what was done stands in its life line."),
    gettext_noop("Choose why it was a false alarm."),
    gettext_noop("Say in a few words why it was a false alarm."),
    gettext_noop("The alarm still holds: clear it first, with the reason."),
    gettext_noop("Write down first what was done about this alarm."),
    gettext_noop("Say why the alarm is cleared although its condition may still hold."),
    gettext_noop("Write down the re-inspection first: what was checked after the weather, with photos."),
    gettext_noop("Not yet: the readings must stay below %(limit)s for %(minutes)s min; they do not yet."),
    gettext_noop("Not yet: the readings must stay below %(limit)s for %(minutes)s min; they have since %(since)s."),
    gettext_noop("Say why the alarm gets another level."),
    gettext_noop("Say why this is no hazard."),
    gettext_noop("This hazard draft is done with already."),
    gettext_noop("The alarm has no place: report the hazard on the site's map instead."),
    gettext_noop("The file is not a picture of at most 20 MB (JPEG, PNG or WebP)."),
)


def refusal_words(error: Exception) -> str:
    """Return a refusal in the active language."""
    return _REFUSALS.tell(str(error))


def act_details(act: Any) -> str:
    """Return what an act said, in a line: level, value, words, who was told."""
    details = act.details
    parts: list[str] = []
    if act.verb in ("raise_alarm", "change_alarm_level"):
        before = details.get("before")
        level = str(LEVELS.get(details.get("level", ""), ""))
        parts.append(f"{LEVELS.get(before, before)} → {level}" if before else level)
    if act.verb == "raise_alarm" and details.get("late"):
        parts.append(_("late"))
    parts += [str(details[name]) for name in ("text", "note", "reset_reason") if details.get(name)]
    if reason := details.get("reason"):
        parts.append(str(FALSE_REASONS.get(str(reason).removeprefix("false: "), reason)))
    if details.get("not_measured"):
        parts.append(_("nothing was measured meanwhile"))
    if told := details.get("told"):
        parts.append(", ".join(told))
    if hazard := details.get("hazard"):
        parts.append(str(hazard))
    return " · ".join(parts)
