"""Who: people, their roles, and what they prefer."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.names import shown_name
from potato.stores.sessions import SessionStore

# Accounts for trying Potato out end in this; their passwords are known to everybody.
DEMO_DOMAIN = "@potato.test"


class Role(models.TextChoices):
    """What a person may do. Staff is ADMIN; moderators are a group among them."""

    USER = "USER", _("Reader")
    CONTRIBUTOR = "CONTRIBUTOR", _("Contributor")
    RETAILER = "RETAILER", _("Shop owner")
    ADMIN = "ADMIN", _("Staff")


class UserManager(DjangoUserManager["User"]):
    """Makes users, whose sign-in name is the e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":  # type: ignore[override]
        fields.setdefault("language", settings.POTATO_LANGUAGE)
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":  # type: ignore[override]
        """Make an administrator. Who may run commands here need not prove the address by a mail."""
        # Not above: allauth's models need this one first.
        from allauth.account.models import EmailAddress

        with transaction.atomic(using=self._db):
            user = self.create_user(email, password, **{"role": Role.ADMIN, "is_superuser": True, **fields})
            EmailAddress.objects.using(self._db).create(
                user=user, email=user.email, verified=True, primary=True
            )
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractUser):
    """A person with an account. ``full_name`` is private; ``display_name`` is what others see."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    # Always in small letters (by save and by a constraint): unique however it is typed, and found by index.
    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        error_messages={"unique": _("This address has an account already.")},
    )
    full_name = models.CharField(
        _("full name"), max_length=120, blank=True, help_text=_("Private: never shown to others.")
    )
    display_name = models.CharField(
        _("display name"), max_length=60, blank=True, help_text=_("What others see. A nickname is fine.")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.USER)
    home_region = models.ForeignKey(
        "shops.Region",
        verbose_name=_("home region"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    language = models.CharField(
        _("language"), max_length=5, default="en", choices=[("en", "English"), ("my", "မြန်မာ")]
    )
    rules_accepted_at = models.DateTimeField(_("rules accepted"), null=True, blank=True, editable=False)
    banned_at = models.DateTimeField(_("banned since"), null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions: ClassVar = [("ban_user", _("May ban users and let them in again"))]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower"
            ),
            # ADMIN and staff are one thing, whichever of the two somebody sets.
            models.CheckConstraint(
                condition=models.Q(role="ADMIN", is_staff=True)
                | (~models.Q(role="ADMIN") & models.Q(is_staff=False)),
                name="accounts_user_admin_is_staff",
            ),
        ]

    def __str__(self) -> str:
        return self.public_name

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        self.is_staff = self.role == Role.ADMIN
        if (fields := kwargs.get("update_fields")) is not None and "role" in fields:
            kwargs["update_fields"] = {*fields, "is_staff"}
        super().save(*args, **kwargs)

    @property
    def public_name(self) -> str:
        """The name that others see; never the legal name, never the address."""
        return shown_name(self.display_name, id=self.pk)

    @property
    def may_submit(self) -> bool:
        """Whether the person's role lets them submit prices."""
        return self.role != Role.USER and self.banned_at is None and self.is_active

    @property
    def may_sign_in(self) -> bool:
        """Whether the person is let in at all: not when banned; demo accounts only while DEBUG is on."""
        is_stray_demo = self.email.endswith(DEMO_DOMAIN) and not settings.DEBUG
        return self.is_active and self.banned_at is None and not is_stray_demo

    def get_full_name(self) -> str:
        return self.full_name or self.public_name

    def get_short_name(self) -> str:
        return self.public_name


class Session(AbstractBaseSession):
    """A session as Django stores it, with the account that is signed in: all sessions of one can be ended."""

    # Not a foreign key: a session of an account that is deleted at this moment is no error.
    account_id = models.BigIntegerField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore


class ConfirmedAddress(models.Model):
    """Since when an address is confirmed on its account. An address without one counts as confirmed just now."""

    address = models.OneToOneField(
        "account.EmailAddress", on_delete=models.CASCADE, primary_key=True, related_name="confirmed"
    )
    since = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.address)


class AddressUndo(models.Model):
    """A link by which the holder of an address takes the account back, after it lost that address.

    The link's token is random and in the mail alone; here is its SHA-256. Nothing of it is in the admin.
    """

    token_hash = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField()
    # 0: the address was established. Else the key that it had among all addresses: the lower was there earlier.
    rank = models.BigIntegerField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email
