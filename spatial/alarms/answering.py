"""The way back to who called for help: an acknowledged SOS, fall or stillness buzzes and speaks at the helmet."""

from __future__ import annotations

from datetime import datetime

from spatial.alarms.models import Alarm
from spatial.commands.operations import CommandRefused, send_command

CALLS = {"P-06", "P-07", "P-08"}
WORDS = "已收到您的求救，救援正在赶来，请保持联系。"
"""Spoken at the helmet, in the language of the site's people."""


def answer_wearer(alarm: Alarm, now: datetime) -> None:
    """This function will tell the wearer that their call was seen, in the transaction of the acknowledgement.

    An alarm of a device that cannot hear, or that was told too late to be live, is not answered.
    """
    if alarm.rule not in CALLS or alarm.device is None or alarm.late:
        return
    try:
        send_command(
            site=alarm.site,
            devices=[alarm.device],
            kind="voice",
            text=WORDS,
            target="person",
            target_label=alarm.person_name or alarm.device.code,
            actor=None,
            now=now,
            source_kind="alarm",
            source_id=str(alarm.pk),
        )
    except CommandRefused as refused:
        if refused.code != "nobody":
            raise
