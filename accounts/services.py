"""What is done to accounts besides signing up and in."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.models import DEMO_DOMAIN, Role, User
from potato.errors import Refused
from potato.stores import member_documents

# Who submits what an import reads: shown as the contributor of its prices.
SYSTEM_NAMES = {
    "WFP": "World Food Programme",
    "WISARRA": "Wisarra",
    "DEMO": "Demo prices",
}

# One account of each role: role, display name, password. The addresses begin with the role's name.
DEMO_USERS = {
    "shopper": (Role.USER, "Daw Shopper", "mangosteen-shopper"),
    "contributor": (Role.CONTRIBUTOR, "Ko Contributor", "mangosteen-contributor"),
    "retailer": (Role.RETAILER, "Ma Retailer", "mangosteen-retailer"),
    "admin": (Role.ADMIN, "Demo admin", "mangosteen-admin"),
}

# What moderators may do, by app. ADMIN opens the admin's door; this group says what lies behind it.
MODERATORS = "Moderators"
MODERATORS_MAY = {
    "accounts": ["view_user", "ban_user"],
    "account": ["view_emailaddress"],
    "shops": ["view_region", "view_township", "view_shop", "add_shop", "change_shop"],
    "catalog": [
        "view_category",
        "view_item",
        "change_item",
        "view_unit",
        "view_unitfactor",
        "view_pricerange",
    ],
    # The ledger itself is read-only in the admin; to change it is to moderate prices, by an act of its own.
    "prices": ["view_ledgerrow", "change_ledgerrow", "view_importbatch"],
}


def become_contributor(*, user: User, now: datetime) -> bool:
    """Let a reader submit prices, who has just accepted the rules. Asking again changes nothing.

    :param now: real time: when the rules were accepted.
    :returns: whether the person became one now; false for whoever may submit already.
    :raises Refused: the e-mail address is not verified, or the person is banned.
    """
    user.refresh_from_db()
    if user.may_submit:
        return False
    if not user.may_sign_in:
        raise Refused(_("This account is banned."))
    if not selectors.has_verified_email(user=user):
        raise Refused(_("First confirm your e-mail address: open the link in the mail that we sent you."))
    # Two taps at once: one of them changes the row.
    became = User.objects.filter(pk=user.pk, role=Role.USER, banned_at=None).update(
        role=Role.CONTRIBUTOR, rules_accepted_at=now
    )
    member_documents.renew_on_commit(user.pk)
    user.refresh_from_db()
    return bool(became)


def ban(*, user: User, now: datetime) -> bool:
    """Shut a person out, from their next request on. Prices already sent stay; moderating them is apart.

    :returns: whether the person was let in until now.
    :raises Refused: the person is staff, whose role has to be taken first.
    """
    if user.is_staff:
        raise Refused(_("Staff cannot be banned: change the role first."))
    changed = User.objects.filter(pk=user.pk, banned_at=None, is_staff=False).update(banned_at=now)
    member_documents.renew_on_commit(user.pk)
    user.refresh_from_db(fields=["banned_at"])
    return bool(changed)


def unban(*, user: User) -> bool:
    """Let a banned person in again; returns whether they were banned."""
    changed = User.objects.filter(pk=user.pk).exclude(banned_at=None).update(banned_at=None)
    member_documents.renew_on_commit(user.pk)
    user.refresh_from_db(fields=["banned_at"])
    return bool(changed)


def make_retailer(*, user: User) -> bool:
    """Give a reader or contributor the role of a shop owner; returns whether the role changed.

    :raises Refused: the person is staff.
    """
    if user.is_staff:
        raise Refused(_("Staff keep their role."))
    changed = User.objects.filter(pk=user.pk, role__in=[Role.USER, Role.CONTRIBUTOR]).update(
        role=Role.RETAILER
    )
    member_documents.renew_on_commit(user.pk)
    user.refresh_from_db(fields=["role"])
    return bool(changed)


def system_user(name: str) -> User:
    """The user in whose name an import submits, made where missing: inactive, without a password.

    :param name: the source, such as ``"WFP"``; it is the same user each time.
    """
    user, _made = User.objects.get_or_create(
        email=f"{name.lower()}@system.invalid",
        defaults={
            "display_name": SYSTEM_NAMES.get(name, name),
            "role": Role.CONTRIBUTOR,
            "is_active": False,
            # No hash at all matches no password, and lets nobody ask for a reset.
            "password": "!",
        },
    )
    return user


def make_demo_users() -> list[tuple[str, str, str]]:
    """Make the demo accounts, or make those that exist as they were at first.

    They are let in only while DEBUG is on, whoever makes them.

    :returns: address, password and role of each.
    """
    made = []
    for name, (role, display_name, password) in DEMO_USERS.items():
        with transaction.atomic():
            user, _made = User.objects.update_or_create(
                email=f"{name}{DEMO_DOMAIN}",
                defaults={
                    "display_name": display_name,
                    "role": role,
                    "is_superuser": role == Role.ADMIN,
                    "is_active": True,
                    "banned_at": None,
                },
            )
            if not user.check_password(password):
                # Only then: a new hash would end everybody's session.
                user.set_password(password)
                user.save(update_fields=["password"])
            EmailAddress.objects.update_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )
        made.append((user.email, password, str(role.value)))
    return made


def grant_moderators() -> None:
    """See that the group of moderators exists and has its permissions, as far as they exist.

    Further permissions that an administrator gave the group stay.
    """
    wanted = Q(pk=None)
    for app_label, codenames in MODERATORS_MAY.items():
        wanted |= Q(content_type__app_label=app_label, codename__in=codenames)
    group, _made = Group.objects.get_or_create(name=MODERATORS)
    group.permissions.add(*Permission.objects.filter(wanted))
