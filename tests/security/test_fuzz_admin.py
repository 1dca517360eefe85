"""The admin's addresses, filters and forms, with what nobody would type."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.security.conftest import Attempt
from tests.security.nonsense import some
from tests.security.walk import Fields, body, in_burmese, query

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]


# A script that is neither a file nor data nor named by the answer's nonce; a style or a handler of an element's own.
WITHIN_THE_PAGE = re.compile(
    r"""<script(?![^>]*\s(?:src|nonce)=)(?![^>]*type="application/json")[^>]*>|<[a-z][^>]*\s(?:style|on[a-z]+)=[^>]*>"""
)
ADMIN_PARAMETERS = (
    "q",
    "o",
    "p",
    "all",
    "e",
    "_popup",
    "_to_field",
    "_changelist_filters",
    "before",
    "id__exact",
)


@pytest.fixture
def superuser(caplog: pytest.LogCaptureFixture) -> Attempt:
    attempt = Attempt(Client(), caplog)
    attempt.client.force_login(make_user(is_superuser=True))
    return attempt


def parameter_of(list_filter: Any) -> str:
    """The name of a filter of the admin in its addresses: it is a field's, a pair with its class, or a class."""
    if isinstance(list_filter, str):
        return list_filter
    return list_filter[0] if isinstance(list_filter, tuple) else list_filter.parameter_name


class TestTheAdmin:
    def test_takes_nonsense_in_its_addresses(self, site, superuser):
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            first = model._default_manager.first()
            superuser.get(reverse(f"{name}_changelist"), "what is there")
            for number, (nasty, value) in enumerate(some(len(name))):
                asked = query((parameter, value) for parameter in ADMIN_PARAMETERS)
                superuser.get(reverse(f"{name}_changelist") + asked, nasty)
                one = reverse(f"{name}_change", args=["-"]).replace(
                    "/-/", f"/{quote(value, errors='surrogatepass')}/"
                )
                superuser.get(in_burmese(one, number=number), nasty)
            for page in ("change", "history", "delete") if first else ():
                superuser.get(reverse(f"{name}_{page}", args=[first.pk]), "what is there")

        assert superuser.stumbled == []

    def test_searches_and_filters_for_nonsense(self, site, superuser):
        for number, (model, managed) in enumerate(admin.site._registry.items()):
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            filters = [parameter_of(one) for one in managed.list_filter]
            asked = [
                "q",
                "before",
                *(f"{one}{how}" for one in filters for how in ("__exact", "__gte", "__in")),
            ]
            for name, value in some(number, every=3):
                for parameter in asked:
                    superuser.get(path + query([(parameter, value)]), f"{parameter}: {name}")

        assert superuser.stumbled == []

    def test_says_what_is_wrong_with_nonsense_in_its_forms(self, site, superuser):
        turn = 0
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            first = model._default_manager.first()
            addresses = [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
            addresses += [
                reverse(f"{name}_{page}", args=[first.pk]) for page in ("change", "delete") if first
            ]
            addresses += [reverse("admin:prices_to_check")] if name.endswith("ledgerrow") else []
            for path in addresses:
                page = superuser.client.get(path)
                for action, fields in Fields(page.content.decode()).forms if page.status_code == 200 else ():
                    if "logout" in action or "password" in action:
                        continue
                    turn += 1
                    for nasty, value in some(turn, every=4):
                        superuser.post(path, f"{nasty} everywhere", body(dict.fromkeys(fields, value)))

        assert superuser.stumbled == []

    def test_brings_no_script_or_style_that_the_policy_of_its_pages_would_stop(self, site, superuser):
        superuser.get(reverse("admin:index"), "what is there")
        stopped = []
        for model in admin.site._registry:
            for page in ("changelist", "add"):
                path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
                html = superuser.client.get(path).content.decode()
                stopped += [(path, found) for found in WITHIN_THE_PAGE.findall(html)]

        assert stopped == []
