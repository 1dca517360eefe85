"""What others may ask about people."""

from allauth.account.models import EmailAddress

from accounts.models import User


def language_of(*, email: str) -> str | None:
    """The language of the person with this address; None if there is nobody."""
    return User.objects.filter(emailaddress__email=email.lower()).values_list("language", flat=True).first()


def has_verified_email(*, user: User) -> bool:
    """Whether a mail to one of the person's addresses has been answered."""
    return EmailAddress.objects.filter(user=user, verified=True).exists()
