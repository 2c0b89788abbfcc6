"""The settings of a fence as a form, each with what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.fences import defaults
from spatial.fences.models import FenceProfile
from spatial.fences.settings_rules import LONGEST_COUNT_S, LONGEST_STAY_S, MOST_FIXES, MOST_M
from spatial.people.models import Person, Team
from spatial.people.rules import certificate_kinds, certificate_name
from spatial.places.models import Site, Storey
from webmap.wording.reader import data_language, reads_chinese

from .written import WritingRefused, read_line, read_periods, read_place, write_line, write_periods

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (gettext_lazy("Where"), ("shape", "centre", "radius_m", "path", "width_m", "storey")),
    (gettext_lazy("When it is in force"), ("schedule", "active")),
    (
        gettext_lazy("Who may enter"),
        ("admission", "allowed", "teams", "trades", "certificates", "needs_briefing", "needs_permit"),
    ),
    (
        gettext_lazy("What raises an alarm"),
        (
            "rule",
            "approach_m",
            "receded_beyond_m",
            "dwell_s",
            "person_limit",
            "crowded_after_s",
            "uncrowded_after_s",
            "lone_forbidden",
            "alone_after_s",
        ),
    ),
    (
        gettext_lazy("When an entry counts"),
        ("enter_fixes", "leave_fixes", "enter_probability", "leave_probability"),
    ),
)


class FenceForm(forms.Form):
    """All settings of a fence. `changes()` gives them in the form that the operations take."""

    shape = forms.ChoiceField(
        label=gettext_lazy("Shape"),
        choices=FenceProfile.Shape.choices,
        help_text=gettext_lazy("A circle, corridor or storey also becomes the outline of the zone on all maps."),
    )
    centre = forms.CharField(
        label=gettext_lazy("Centre of the circle"),
        required=False,
        help_text=gettext_lazy("Longitude, latitude in degrees (CGCS2000)."),
    )
    radius_m = forms.FloatField(
        label=gettext_lazy("Radius of the circle (m)"), required=False, min_value=0.1, max_value=2000
    )
    path = forms.CharField(
        label=gettext_lazy("Line of the corridor"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One place on each line: longitude, latitude."),
    )
    width_m = forms.FloatField(
        label=gettext_lazy("Width of the corridor (m)"), required=False, min_value=0.1, max_value=2000
    )
    storey = forms.ModelChoiceField(Storey.objects.none(), label=gettext_lazy("Storey"), required=False)
    schedule = forms.CharField(
        label=gettext_lazy("Times in force"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "One on each line: weekdays (1 is Monday), times, dates, such as 1-5 22:00-06:00 2026-03-01..2026-06-30. "
            "Weekdays and dates may be left out. Empty: always."
        ),
    )
    active = forms.BooleanField(label=gettext_lazy("The fence is in use"), required=False)
    admission = forms.ChoiceField(
        label=gettext_lazy("Admission"),
        choices=FenceProfile.Admission.choices,
        help_text=gettext_lazy(
            "Who is named may always enter. Named trades and teams still need certificate, briefing and permit."
        ),
    )
    allowed = forms.ModelMultipleChoiceField(Person.objects.none(), label=gettext_lazy("Persons"), required=False)
    teams = forms.ModelMultipleChoiceField(Team.objects.none(), label=gettext_lazy("Teams"), required=False)
    trades = forms.CharField(
        label=gettext_lazy("Trades"),
        required=False,
        help_text=gettext_lazy("Separated by commas, as people have them."),
    )
    certificates = forms.MultipleChoiceField(
        label=gettext_lazy("Certificates"),
        required=False,
        help_text=gettext_lazy("Who lacks one that is valid that day raises P-12."),
    )
    needs_briefing = forms.BooleanField(
        label=gettext_lazy("Only after a briefing"),
        required=False,
        help_text=gettext_lazy("Who lacks three-level education or a briefing for the day raises P-13."),
    )
    needs_permit = forms.BooleanField(
        label=gettext_lazy("Only with a work permit"),
        required=False,
        help_text=gettext_lazy(
            "A permit for this zone that holds at that moment lets its people in; without one: P-03."
        ),
    )
    rule = forms.ChoiceField(label=gettext_lazy("Rule of an entry"))
    approach_m = forms.FloatField(
        label=gettext_lazy("Warn within (m)"),
        required=False,
        min_value=0.1,
        max_value=MOST_M,
        help_text=gettext_lazy("P-02: who comes nearer twice and is this near. Empty: off."),
    )
    receded_beyond_m = forms.FloatField(
        label=gettext_lazy("Over again so much farther out (m)"), required=False, min_value=0.1, max_value=MOST_M
    )
    dwell_s = forms.IntegerField(
        label=gettext_lazy("Longest stay (s)"),
        required=False,
        min_value=0,
        max_value=LONGEST_STAY_S,
    )
    person_limit = forms.IntegerField(label=gettext_lazy("Most persons"), required=False, min_value=1, max_value=10_000)
    crowded_after_s = forms.IntegerField(
        label=gettext_lazy("Too many for (s)"), required=False, min_value=0, max_value=LONGEST_COUNT_S
    )
    uncrowded_after_s = forms.IntegerField(
        label=gettext_lazy("No longer too many for (s)"), required=False, min_value=0, max_value=LONGEST_COUNT_S
    )
    lone_forbidden = forms.BooleanField(
        label=gettext_lazy("Nobody alone"), required=False, help_text=gettext_lazy("P-05: one person alone.")
    )
    alone_after_s = forms.IntegerField(
        label=gettext_lazy("Alone for (s)"), required=False, min_value=0, max_value=LONGEST_COUNT_S
    )
    enter_fixes = forms.IntegerField(label=gettext_lazy("Fixes in a row to enter"), min_value=1, max_value=MOST_FIXES)
    leave_fixes = forms.IntegerField(label=gettext_lazy("Fixes in a row to leave"), min_value=1, max_value=MOST_FIXES)
    enter_probability = forms.FloatField(
        label=gettext_lazy("Inside at a probability from"),
        min_value=0,
        max_value=1,
        help_text=gettext_lazy("Of being inside, given the accuracy of the fix in plan and height."),
    )
    leave_probability = forms.FloatField(
        label=gettext_lazy("Outside at a probability up to"),
        min_value=0,
        max_value=1,
        help_text=gettext_lazy("Between the two, who was inside stays inside and who was outside stays outside."),
    )
    reason = forms.CharField(label=gettext_lazy("Why is it changed"), max_length=300, required=False)

    def __init__(
        self,
        data: Any,
        *,
        site: Site,
        fence: FenceProfile | None,
        rules: list[tuple[str, str]],
        named: bool,
        starting: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial=initial_of(fence, starting))
        self.fence = fence
        chosen: dict[str, Any] = self.fields
        chosen["storey"].queryset = Storey.objects.filter(site=site).select_related("building")
        chosen["storey"].label_from_instance = lambda row: f"{row.building.name} · {row.name}"
        chosen["allowed"].queryset = Person.objects.filter(site=site).order_by("full_name")
        if not named:
            chosen["allowed"].label_from_instance = lambda person: person.trade
        chosen["teams"].queryset = Team.objects.filter(site=site).order_by("name")
        chosen["rule"].choices = rules
        language = data_language()
        chosen["certificates"].choices = [(kind, certificate_name(kind, language)) for kind in certificate_kinds()]
        chosen["person_limit"].help_text = _limit_words(starting)
        usual = defaults.numbers_of(starting)["dwell_s"]
        chosen["dwell_s"].help_text = _("P-03: who is inside for longer; 0 at once. Empty: off. Usual: %(usual)s.") % {
            "usual": usual
        }
        chosen["reason"].required = fence is not None
        if fence is None:
            del chosen["active"]

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Return the fields in their groups."""
        return [(str(title), [self[name] for name in names if name in self.fields]) for title, names in GROUPS]

    def clean(self) -> dict[str, Any]:
        """Read places, lines and periods as they were written."""
        given = super().clean() or {}
        for name, read in (("centre", read_place), ("path", read_line), ("schedule", read_periods)):
            try:
                given[name] = read(given.get(name) or "")
            except WritingRefused as refusal:
                self.add_error(name, str(refusal))
        given["trades"] = [
            part.strip() for part in (given.get("trades") or "").replace("，", ",").split(",") if part.strip()
        ]
        return given

    def changes(self) -> dict[str, Any]:
        """Return the settings without the reason; a number that a fence always has and nobody wrote stays as it is."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "reason" and not (name in defaults.KEPT and value is None)
        }


def initial_of(fence: FenceProfile | None, starting: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows first: the fence's settings, or what the site's edition lets a new one start with."""
    if fence is None:
        given = defaults.numbers_of(starting)
        numbers = {name: given[name] for name in (*defaults.KEPT, "approach_m")}
        return {"shape": "outline", "admission": "listed", "rule": "P-01", **numbers}
    plain = (
        "shape", "radius_m", "width_m", "storey", "active", "admission", "certificates", "needs_briefing",
        "needs_permit", "rule", "approach_m", "dwell_s", "person_limit", "lone_forbidden", "enter_fixes",
        "leave_fixes", "enter_probability", "leave_probability", "receded_beyond_m", "crowded_after_s",
        "uncrowded_after_s", "alone_after_s",
    )  # fmt: skip
    return {
        **{name: getattr(fence, name) for name in plain},
        "centre": f"{fence.centre.x:.7f}, {fence.centre.y:.7f}" if fence.centre else "",
        "path": write_line(fence.path),
        "schedule": write_periods(fence.schedule),
        "allowed": list(fence.allowed.values_list("pk", flat=True)),
        "teams": list(fence.teams.values_list("pk", flat=True)),
        "trades": ", ".join(fence.trades),
    }


def _limit_words(starting: Mapping[str, Any]) -> str:
    comma = "；" if reads_chinese() else "; "
    known = comma.join(
        f"{row.zh if reads_chinese() else row.en} {row.value}" for row in defaults.person_limits(starting)
    )
    return _("P-04: more than so many. Empty: no limit. Known limits: %(known)s.") % {"known": known}
