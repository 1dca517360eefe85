"""A browser that checks tokens, and pages in it that were opened before somebody signed in or out."""

import re
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import PASSWORD
from tests.security.walk import Fields

OURS = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
OLD_TOKEN = "a" * 64


def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def token_of(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def sign_in(client: Client, user: User) -> None:
    """Through the form, as in another tab: every page opened before has an old token from now on."""
    if not user.emailaddress_set.exists():
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    login = reverse("account_login")
    fields = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": token_of(client.get(login))}
    assert client.post(login, fields, headers=OURS).status_code == 302
    # Reads "you have signed in", which stands on one page.
    client.get(reverse("profile"))


def sign_out(client: Client) -> None:
    logout = reverse("account_logout")
    client.post(logout, {"csrfmiddlewaretoken": token_of(client.get(logout))}, headers=OURS)


def post(
    client: Client, address: str, fields: dict[str, Any], *, headers: dict[str, str] | None = None
) -> Any:
    """Send a form from a page with an old token."""
    fields = {"csrfmiddlewaretoken": OLD_TOKEN, **fields}
    return client.post(address, fields, headers=OURS if headers is None else headers)


def text_of(response: Any) -> str:
    """The page without its hidden fields: what its reader sees."""
    page = re.sub(r'<input type="hidden"[^>]*>', "", response.content.decode())
    return unescape(re.sub(r"<[^>]+>", " ", page))


def kept_in(response: Any) -> list[tuple[str, str]]:
    """The fields of the form that sends it again, but its token."""
    kept = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', response.content.decode())
    return [(unescape(name), unescape(value)) for name, value in kept if name != "csrfmiddlewaretoken"]


def send_again(client: Client, response: Any, *, headers: dict[str, str] | None = None) -> Any:
    """Tap the page's one button."""
    ((action, _fields),) = Fields(response.content.decode()).forms
    body: dict[str, list[str]] = {"csrfmiddlewaretoken": [token_of(response)]}
    for name, value in kept_in(response):
        body.setdefault(name, []).append(value)
    return client.post(unescape(action), body, headers=OURS if headers is None else headers)
