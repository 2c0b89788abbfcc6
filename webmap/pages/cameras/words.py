"""What went wrong with a camera, and what to do about it, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def refusal_words(code: str, detail: str = "") -> str:
    """Return the sentence of a refusal."""
    words = {
        "address": _("The address cannot be read. Write it like rtsp://192.168.1.20:554/path, without spaces."),
        "scheme": _("Only addresses that begin with rtsp:// or rtsps:// are possible."),
        "unknown_host": _(
            "The camera's host name is not known to the server. Write its IP address, or check the name."
        ),
        "forbidden_host": _("This address is the server itself or cannot be a camera. Write the camera's own address."),
        "unreachable": _("The camera does not answer. Check its power and network, and that the server can reach it."),
        "wrong_password": _("The camera refuses the account or the password. Enter both again under Change."),
        "no_such_picture": _(
            "The camera answers but knows no picture under this path. Look the path up in its manual."
        ),
        "not_rtsp": _("Something answers at this address, but it is not a camera that speaks RTSP. Check the port."),
        "onvif_address": _("Write the camera's host, for example 192.168.1.20 or http://192.168.1.20:8080."),
        "onvif_account": _(
            "The camera refuses the account or its password. Many cameras keep ONVIF users apart: add one on the "
            "camera's own web page (network, integration protocol), and switch ONVIF on there."
        ),
        "not_onvif": _(
            "Something answers there, but it does not speak ONVIF. Switch ONVIF on at the camera's own web page, or "
            "check the port (often 80, 8080 or 8000)."
        ),
        "onvif_no_media": _("The camera speaks ONVIF but has no media service. Look its RTSP path up in its manual."),
        "onvif_no_picture": _("The camera speaks ONVIF but offers no picture. Set a stream up on its own web page."),
        "onvif_fault": _("The camera answers: %(said)s. Look its RTSP path up in its manual, or start it anew.")
        % {"said": detail},
        "codec": _("The camera sends %(codec)s, which browsers cannot play. Set its (sub)stream to H.264.")
        % {"codec": detail},
        "no_picture": _("The camera answers but sends no picture. Start it anew, or try its other stream."),
        "ended": _("The camera ended the picture. It is tried again when you look again."),
        "too_many": _("%(limit)s pictures are open already, as many as the server may carry. Close one and try again.")
        % {"limit": detail},
        "no_ffmpeg": _("The server has no ffmpeg. Ask whoever runs it to install ffmpeg."),
        "sealed": _("The camera's password can no longer be opened. Enter it again under Change."),
        "bearing": _("The bearing is between 0 and 359.9 degrees from north."),
        "tilt": _("The tilt is between -90 (straight down) and 90 degrees."),
        "field_of_view": _("The field of view is more than 0 and at most 360 degrees."),
        "range": _("The range is more than 0 and at most 2000 m."),
        "name": _("Give the camera a name."),
        "name_taken": _("Another camera of this site has this name."),
        "role": _("Cameras are set up by the safety officer, the project manager and the company's safety department."),
    }
    return words.get(code, detail or code)
