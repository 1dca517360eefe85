"""Who is signed in, asked of PostgreSQL at every request that wants to know."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend


class SignIn(AuthenticationBackend):
    """E-mail and password. Whoever is banned is a visitor from the next request on, everywhere."""

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and user.may_sign_in
