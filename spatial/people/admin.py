"""Admin of accounts, roles, crews and people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from spatial.ledger.acting import ActingAdmin
from spatial.scope import visible_site_ids

from .models import Membership, Person, Team, User


class AccountCreationForm(UserCreationForm):
    """A new account of one person."""

    class Meta:
        model = User
        fields = ("username", "full_name", "language")


class AccountChangeForm(UserChangeForm):
    """An account as it is."""

    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ActingAdmin):
    """Accounts; others than superusers see the accounts of their own sites."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "phone", "is_active", "is_staff")
    search_fields = ("username", "full_name", "phone")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("full_name", "phone", "email", "language")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "full_name", "language", "password1", "password2")}),)

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return all accounts for superusers, else the user's own and those of visible sites."""
        if user.is_superuser:
            return queryset
        return queryset.filter(Q(pk=user.pk) | Q(memberships__site__in=visible_site_ids(user))).distinct()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only superusers make staff and superusers."""
        if request.user.is_superuser:
            return ()
        return ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(Membership)
class MembershipAdmin(ActingAdmin):
    """Roles of users."""

    list_display = ("user", "role", "site", "organisation", "region")
    list_filter = ("role",)
    list_select_related = ("user", "site", "organisation", "region")

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return all memberships for superusers, else those of visible sites."""
        return queryset if user.is_superuser else queryset.filter(site__in=visible_site_ids(user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role is taken away by superusers."""
        return bool(request.user.is_superuser)


@admin.register(Team)
class TeamAdmin(ActingAdmin):
    """Crews."""

    list_display = ("name", "site")
    list_select_related = ("site",)


@admin.register(Person)
class PersonAdmin(ActingAdmin):
    """People on sites."""

    list_display = ("full_name", "trade", "team", "site", "user")
    search_fields = ("full_name",)
    list_select_related = ("team", "site", "user")
