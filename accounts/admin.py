"""People, for staff. Roles and bans here; passwords and addresses belong to their owners."""

from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.decorators import secure_admin_login
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from mailer import admin as mailer_admin

from accounts import services
from accounts.models import Role, User
from potato.errors import Refused

# Staff sign in as everybody does: with the same limits, and a confirmed address.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Mails hold links that open accounts: nobody reads those that wait.
admin.site.unregister([mailer_admin.Message, mailer_admin.MessageLog])
admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(AllauthEmailAddressAdmin):
    """To look at. Whoever could add an address to an account, or confirm one, could ask for its password."""

    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class YesNo(admin.SimpleListFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]


class BannedFilter(YesNo):
    title = _("banned")
    parameter_name = "banned"

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(banned_at__isnull=self.value() == "no")


class VerifiedFilter(YesNo):
    title = _("e-mail confirmed")
    parameter_name = "verified"

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() not in ("yes", "no"):
            return queryset
        # Counted by the list that this filters.
        return queryset.filter(is_verified=self.value() == "yes")  # type: ignore[misc]


class CreateUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "display_name", "role")
        field_classes: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.language = settings.POTATO_LANGUAGE


class ChangeUserForm(forms.ModelForm):
    """Without the password, not even its hash."""

    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = ChangeUserForm
    add_form = CreateUserForm
    fieldsets = (
        (None, {"fields": ("email", "display_name", "full_name", "language", "home_region")}),
        (_("What the person may do"), {"fields": ("role", "rules_accepted_at", "is_active", "banned_at")}),
        (_("Staff"), {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "display_name", "role", "usable_password", "password1", "password2")}),
    )
    # An address is changed by its owner, who proves that it is theirs; the others follow from the role, or
    # from actions and commands.
    readonly_fields = (
        "email",
        "rules_accepted_at",
        "banned_at",
        "is_staff",
        "is_superuser",
        "date_joined",
        "last_login",
    )
    raw_id_fields = ("home_region",)
    filter_horizontal = ("groups", "user_permissions")
    list_display = ("email", "display_name", "role", "verified", "banned_at", "date_joined", "last_login")
    list_filter = ("role", BannedFilter, VerifiedFilter, "is_active", "groups", "language")
    search_fields = ("email", "display_name", "full_name", "emailaddress__email")
    search_help_text = _("E-mail address or name")
    ordering = ("-date_joined", "-pk")
    date_hierarchy = "date_joined"
    list_per_page = 50
    show_full_result_count = False
    actions = ("ban", "unban", "make_retailer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return super().get_queryset(request).annotate(is_verified=Exists(verified))

    @admin.display(boolean=True, description=_("e-mail confirmed"), ordering="is_verified")
    def verified(self, user: Any) -> bool:
        return user.is_verified

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        # Whoever could give permissions could give themselves all of them.
        mine = () if request.user.is_superuser else ("groups", "user_permissions")
        return (*self.readonly_fields, *mine)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role" and not request.user.is_superuser:
            kwargs["choices"] = [choice for choice in Role.choices if choice[0] != Role.ADMIN]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_within_reach(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A password belongs to its owner, who may ask for a new one by mail. Only superusers may set one here."""
        if not request.user.is_superuser:
            raise PermissionDenied
        if is_reauthentication_required(request, app="allauth.account"):
            if request.method == "POST":
                # allauth would keep the form until the password is given, and there is a password in it.
                return redirect(request.path)
            raise ReauthenticationRequired
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            user = User.objects.get(pk=unquote(id))
            get_adapter().send_notification_mail("account/email/password_changed", user)
        return response

    def has_ban_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.ban_user")

    @admin.action(description=_("Ban"), permissions=["ban"])
    def ban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        now = timezone.now()
        self._act(request, queryset, lambda user: services.ban(user=user, now=now), "Banned.")

    @admin.action(description=_("Let in again"), permissions=["ban"])
    def unban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, lambda user: services.unban(user=user), "Let in again.")

    @admin.action(description=_("Make shop owners"), permissions=["change"])
    def make_retailer(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._act(request, queryset, lambda user: services.make_retailer(user=user), "Made a shop owner.")

    def _act(self, request: HttpRequest, queryset: QuerySet[User], act: Any, record: str) -> None:
        """Do it to each, write into the record of the admin what was done by whom, and say how many."""
        changed, refusals = [], set()
        for user in queryset:
            try:
                if act(user):
                    changed.append(user)
            except Refused as refusal:
                refusals.add(f"{user.email}: {refusal}")
        for user in changed:
            self.log_change(request, user, record)
        done = ngettext("%(count)d account changed.", "%(count)d accounts changed.", len(changed))
        messages.success(request, done % {"count": len(changed)})
        for line in sorted(refusals):
            messages.warning(request, line)

    @staticmethod
    def _is_within_reach(request: HttpRequest, user: User | None) -> bool:
        """Staff are changed by superusers only."""
        return user is None or request.user.is_superuser or not user.is_staff
