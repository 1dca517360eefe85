"""What others may ask about people."""

from allauth.account.models import EmailAddress

from accounts.models import User


def language_of(*, email: str) -> str | None:
    """The language of the person with this address; None if there is nobody."""
    return User.objects.filter(emailaddress__email=email.lower()).values_list("language", flat=True).first()


def may_reset_password(*, user: User, email: str) -> bool:
    """Whether a link for a new password may go to this address of the person: it is confirmed, or none of theirs is."""
    verified = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return not verified or email.lower() in verified


def has_verified_email(*, user: User) -> bool:
    """Whether a mail to one of the person's addresses has been answered."""
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def has_same_password(*, user: User) -> bool:
    """Whether the account still has the password with which it was read. Else it was taken back, or changed, meanwhile."""
    return User.objects.filter(pk=user.pk, password=user.password).exists()
