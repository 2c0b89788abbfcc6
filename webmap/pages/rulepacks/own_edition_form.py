"""The form in which an organisation sets its own values; what it may set comes from the edition itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.rulebook.adjustable import answers_of, lec_fields, ls_fields, patrol_fields, settings_of
from spatial.rulebook.machine_limits import TABLE, limit_settings
from spatial.rulebook.operations import MARKS as ALLOWED_MARKS
from spatial.rulebook.tenant_numbers import LimitSetting, number_settings
from webmap.wording.rule_words import told_source

from .words import (
    DEADLINES,
    LEVELS,
    LIMIT_GROUPS,
    MARKS,
    NUMBER_GROUPS,
    NUMBER_HINTS,
    PERIODS,
    lec_label,
    limit_label,
    table_title,
)

DATE = {"type": "date"}


class OwnEditionForm(forms.Form):
    """Values, where they come from, and from which day they count."""

    base = forms.ChoiceField(label=gettext_lazy("Inherits"))
    source = forms.CharField(
        label=gettext_lazy("Source of the values"),
        max_length=200,
        help_text=gettext_lazy("The paper that decides them, with its number and year."),
    )
    clause = forms.CharField(label=gettext_lazy("Clause"), max_length=80, required=False)
    conf = forms.ChoiceField(label=gettext_lazy("Confidence mark"), initial="C")
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )

    def __init__(self, bases: list[Any], tables: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tables = tables
        self.fields["base"].choices = [(str(one.pk), str(one)) for one in bases]  # type: ignore[attr-defined]
        self.fields["conf"].choices = [(mark, f"{mark}: {MARKS[mark]}") for mark in ALLOWED_MARKS]  # type: ignore[attr-defined]
        self._add_bands()
        self._add_levels()
        for row in settings_of(tables):
            self.fields[row.field] = forms.CharField(label=DEADLINES.get(row.field, row.field), max_length=8)
        numbers = [row for name in NUMBER_GROUPS for row in self._numbers(name)]
        for limit in [*self._limits(), *numbers]:
            bounds = _("%(low)s to %(high)s") % {"low": f"{limit.low:g}", "high": f"{limit.high:g}"}
            bounds = " · ".join(part for part in (bounds, limit.conf, told_source(limit.source)) if part)
            self.fields[limit.field] = forms.CharField(label=limit_label(limit), max_length=12, help_text=bounds)
        for name, value in answers_of(tables).items():
            self.fields[name].initial = value

    def _add_bands(self) -> None:
        lec, ls = self.tables["lec"]["content"], self.tables["ls"]["content"]
        for index, name in enumerate(lec_fields(lec)):
            self.fields[name] = forms.CharField(label=lec_label(index, lec["bands"][index]), max_length=12)
            self.fields[f"{name}_incl"] = forms.BooleanField(
                label=_("the boundary itself belongs to it"), required=False
            )
        for index, name in enumerate(ls_fields(ls)):
            self.fields[name] = forms.CharField(label=lec_label(index, ls["bands"][index]), max_length=12)

    def _add_levels(self) -> None:
        levels = list(LEVELS.items())
        for grade in (4, 3, 2, 1):
            label = _("Grade %(grade)s is led by") % {"grade": grade}
            self.fields[f"lead_{grade}"] = forms.ChoiceField(label=label, choices=levels)
        if "patrol_periods" not in self.tables:
            return
        periods = [("", "–"), *((row["code"], PERIODS[row["code"]]) for row in self._periods())]
        for grade, level, name in patrol_fields():
            label = _("Grade %(grade)s, %(level)s") % {"grade": grade, "level": LEVELS[level]}
            self.fields[name] = forms.ChoiceField(label=label, choices=periods, required=False)

    def _periods(self) -> list[dict[str, Any]]:
        return self.tables["patrol_periods"]["content"]["periods"]

    def _limits(self) -> list[LimitSetting]:
        return limit_settings(self.tables[TABLE]["content"]) if TABLE in self.tables else []

    def _numbers(self, table: str) -> list[LimitSetting]:
        return number_settings(table, self.tables[table]["content"]) if table in self.tables else []

    def answers(self) -> dict[str, Any]:
        """Return what was given for the values of the edition."""
        return {name: self.cleaned_data[name] for name in answers_of(self.tables)}

    def lec_rows(self) -> list[Any]:
        """The boundaries of LEC with their ends, for the page."""
        return [(self[name], self[f"{name}_incl"]) for name in lec_fields(self.tables["lec"]["content"])]

    def ls_rows(self) -> list[Any]:
        """The boundaries of the matrix, for the page."""
        return [self[name] for name in ls_fields(self.tables["ls"]["content"])]

    def lead_rows(self) -> list[Any]:
        """The lead levels, for the page."""
        return [self[f"lead_{grade}"] for grade in (4, 3, 2, 1)]

    def patrol_rows(self) -> list[Any]:
        """(grade, fields by level) of the patrol periods, for the page."""
        if "patrol_periods" not in self.tables:
            return []
        return [(grade, [self[f"patrol_{grade}_{level}"] for level in LEVELS]) for grade in (4, 3, 2, 1)]

    def setting_rows(self) -> list[Any]:
        """The deadlines and settings, for the page."""
        return [self[row.field] for row in settings_of(self.tables)]

    def limit_groups(self) -> list[Any]:
        """(title, fields, whether one is wrong) of the numbers of moving danger, for the page."""
        found = []
        for group, title in LIMIT_GROUPS.items():
            fields = [self[row.field] for row in self._limits() if row.group == group]
            if fields:
                found.append((title, fields, any(field.errors for field in fields)))
        return found

    def number_tables(self) -> list[Any]:
        """(title, hint, groups) of the tables of numbers, for the page; groups as those of `limit_groups`."""
        found = []
        for table, titles in NUMBER_GROUPS.items():
            rows, groups = self._numbers(table), []
            for group, title in titles.items():
                fields = [self[row.field] for row in rows if row.group == f"{table}.{group}"]
                groups.append((title, fields, any(field.errors for field in fields)))
            if rows:
                found.append((table_title(table), NUMBER_HINTS[table], groups))
        return found
