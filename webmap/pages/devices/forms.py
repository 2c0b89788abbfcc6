"""The forms of a device: what it is, where it stands, what belongs to it, how it speaks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from spatial.devices.kinds import may_carry, quantities
from spatial.devices.models import Device, MappingVersion, Paper
from spatial.devices.rules import DeviceFacts
from spatial.people.models import Person
from spatial.people.queries import on_the_books

from .words import add_on_words, quantity_words

_DAY = {"type": "date"}


class FactsForm(forms.Form):
    """What is known of a device."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=120)
    report_interval_s = forms.IntegerField(label=gettext_lazy("report interval (s)"), min_value=1, max_value=86_400)
    protocol = forms.ChoiceField(label=gettext_lazy("protocol"), choices=Device.Protocol.choices)
    datum = forms.ChoiceField(
        label=gettext_lazy("datum of its coordinates"),
        choices=Device.Datum.choices,
        help_text=gettext_lazy("Used by protocols whose messages do not say it themselves."),
    )
    terminal_number = forms.CharField(
        label=gettext_lazy("terminal number (JT/T 808)"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("11 to 20 digits as in the terminal's message headers; leading zeros do not matter."),
    )
    maker = forms.CharField(label=gettext_lazy("maker"), max_length=80, required=False)
    model = forms.CharField(label=gettext_lazy("model"), max_length=80, required=False)
    serial_number = forms.CharField(label=gettext_lazy("serial number"), max_length=80, required=False)
    firmware = forms.CharField(label=gettext_lazy("firmware"), max_length=60, required=False)
    note = forms.CharField(label=gettext_lazy("note"), max_length=300, required=False)

    def facts(self) -> DeviceFacts:
        """Return the facts for the operation."""
        names = ("maker", "model", "serial_number", "firmware", "note", "protocol", "datum", "terminal_number")
        return DeviceFacts(**{name: self.cleaned_data[name].strip() for name in names})


class NewForm(FactsForm):
    """A device that is registered."""

    field_order = ("code", "name", "kind", "report_interval_s", "protocol", "terminal_number", "datum")
    code = forms.CharField(
        label=gettext_lazy("Device code"),
        max_length=40,
        help_text=gettext_lazy("2 to 40 Latin letters, digits, - and _; it is the device's user name at the broker."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Device.Kind.choices)


class PlaceForm(forms.Form):
    """Where a fixed device stands."""

    lon = forms.FloatField(
        label=gettext_lazy("longitude (CGCS2000)"),
        min_value=73,
        max_value=136,
        widget=forms.NumberInput({"step": "any"}),
    )
    lat = forms.FloatField(
        label=gettext_lazy("latitude (CGCS2000)"), min_value=3, max_value=54, widget=forms.NumberInput({"step": "any"})
    )
    height_m = forms.FloatField(
        label=gettext_lazy("height (m, 1985 Yellow Sea)"),
        required=False,
        widget=forms.NumberInput({"step": "any"}),
        help_text=gettext_lazy("Empty: the ground of the site."),
    )


class IssueForm(forms.Form):
    """To whom a helmet or tag is given."""

    person = forms.ModelChoiceField(Person.objects.none(), label=gettext_lazy("Person"))
    take_back = forms.BooleanField(label=gettext_lazy("Somebody has it: take it back and give it on"), required=False)

    def __init__(self, device: Device, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = on_the_books(device.site)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = (  # type: ignore[attr-defined]
            lambda one: " · ".join(part for part in (one.full_name, one.trade, one.badge) if part)
        )
        if device.person_id is None:
            del self.fields["take_back"]


class AddOnForm(forms.Form):
    """A part that is added."""

    kind = forms.ChoiceField(label=gettext_lazy("add-on"))
    channel = forms.CharField(label=gettext_lazy("channel"), max_length=40, required=False)
    serial_number = forms.CharField(label=gettext_lazy("serial number"), max_length=80, required=False)

    def __init__(self, device: Device, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.code, add_on_words(row.code)) for row in may_carry(device.kind)]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class CalibrationForm(forms.Form):
    """What a laboratory found: true value = raw value × scale + offset."""

    quantity = forms.ChoiceField(label=gettext_lazy("quantity"))
    channel = forms.CharField(label=gettext_lazy("channel"), max_length=40, required=False)
    scale = forms.FloatField(label=gettext_lazy("scale"), initial=1, widget=forms.NumberInput({"step": "any"}))
    offset = forms.FloatField(label=gettext_lazy("offset"), initial=0, widget=forms.NumberInput({"step": "any"}))
    done_on = forms.DateField(label=gettext_lazy("calibrated on"), widget=forms.DateInput(_DAY))
    due_on = forms.DateField(label=gettext_lazy("due on"), widget=forms.DateInput(_DAY))
    certificate_number = forms.CharField(label=gettext_lazy("certificate number"), max_length=80)
    laboratory = forms.CharField(label=gettext_lazy("laboratory"), max_length=120, required=False)

    def __init__(self, device: Device, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = device.add_ons.filter(removed_at__isnull=True).exclude(quantity="").values_list("quantity", flat=True)
        choices = [(code, quantity_words(code)) for code in dict.fromkeys(codes)]
        self.fields["quantity"].choices = choices  # type: ignore[attr-defined]


class PaperForm(forms.Form):
    """A certificate, inspection, filing or insurance."""

    kind = forms.ChoiceField(label=gettext_lazy("paper"), choices=Paper.Kind.choices)
    number = forms.CharField(label=gettext_lazy("number"), max_length=80)
    issued_by = forms.CharField(label=gettext_lazy("issued by"), max_length=120, required=False)
    issued_on = forms.DateField(label=gettext_lazy("issued on"), widget=forms.DateInput(_DAY))
    expires_on = forms.DateField(label=gettext_lazy("last day"), widget=forms.DateInput(_DAY))


class MappingChoiceForm(forms.Form):
    """Which version of a mapping reads the payloads."""

    version = forms.ModelChoiceField(label=gettext_lazy("mapping"), queryset=MappingVersion.objects.none())

    def __init__(self, device: Device, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = MappingVersion.objects.filter(site=device.site_id).select_related("mapping")
        self.fields["version"].queryset = rows.order_by("mapping__name", "-number")  # type: ignore[attr-defined]


class StreamForm(forms.Form):
    """What a SensorThings datastream is of."""

    stream_id = forms.CharField(label=gettext_lazy("datastream id"), max_length=80)
    device = forms.ModelChoiceField(label=gettext_lazy("device"), queryset=Device.objects.none())
    quantity = forms.ChoiceField(label=gettext_lazy("quantity"), required=False)
    channel = forms.CharField(label=gettext_lazy("channel"), max_length=40, required=False)
    scale = forms.FloatField(label=gettext_lazy("scale"), initial=1, widget=forms.NumberInput({"step": "any"}))

    def __init__(self, sender: Device, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        devices = Device.objects.filter(site=sender.site_id, active=True).order_by("code")
        self.fields["device"].queryset = devices  # type: ignore[attr-defined]
        self.fields["device"].initial = sender.pk
        choices = [("", gettext_lazy("its place")), *((code, quantity_words(code)) for code in quantities())]
        self.fields["quantity"].choices = choices  # type: ignore[attr-defined]
