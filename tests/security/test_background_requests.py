"""Every page that htmx may ask for by itself, asked for by somebody who may not enter any more."""

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import Role
from tests.factories import make_user
from tests.security.conftest import Site
from tests.security.walk import pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]

HTMX = {"hx-request": "true"}
LEAD_AWAY = ("HX-Redirect", "HX-Location", "HX-Refresh", "HX-Retarget", "HX-Push-Url", "Location")


def guarded(site: Site) -> list[str]:
    found = []
    for route in pages():
        address = site.address(route)
        try:
            if getattr(resolve(address).func, "needs_account", False):
                found.append(address)
        except Resolver404:
            continue
    return found


class TestABackgroundRequest:
    @pytest.mark.parametrize("who", ["visitor", "banned"])
    def test_never_leads_from_a_page_of_members_once_they_may_not_enter(self, site: Site, who: str) -> None:
        addresses = guarded(site)
        assert len(addresses) > 12

        for address in addresses:
            client = Client()
            if who == "banned":
                user = make_user(role=Role.CONTRIBUTOR)
                client.force_login(user)
                type(user).objects.filter(pk=user.pk).update(banned_at=timezone.now())
            answer = client.get(address, headers=HTMX)

            assert (answer.status_code, answer.content) == (204, b""), address
            assert [name for name in LEAD_AWAY if name in answer] == [], address

    def test_never_puts_a_page_of_an_error_into_another_one(self, site: Site) -> None:
        reader = Client()
        reader.force_login(make_user(role=Role.USER))

        for route in pages():
            for address in (site.address(route), site.address(route, slug="nothing", submission_id="0" * 32)):
                answer = reader.get(address, headers=HTMX)

                if answer.status_code >= 400 and answer["Content-Type"].startswith("text/html"):
                    assert answer.content == b"", address
                    assert answer["HX-Reswap"] == "none", address
