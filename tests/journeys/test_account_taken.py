"""Somebody who knows the password takes an account over, and its owner takes it back by the mail, on a phone."""

import re
from uuid import uuid4

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, Walk, walking

MAIL_SECONDS = 60
PASSWORD, NEW = "three ripe mangoes", "four sour tamarinds"


class TestAnAccountThatWasTaken:
    def test_comes_back_to_its_owner_in_burmese_without_javascript(
        self, demo: Installation, chromium: Browser
    ) -> None:
        name = uuid4().hex[:8]
        owner, thief = f"owner-{name}@example.com", f"thief-{name}@example.com"
        demo.manage("createsuperuser", "--noinput", "--email", owner, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
        speak = (
            f"from accounts.models import User; User.objects.filter(email='{owner}').update(language='my')"
        )
        demo.manage("shell", "-c", speak)

        with walking(chromium, demo.address) as walk:
            signs_in(walk, owner, PASSWORD)
            takes_it_over(walk, demo, owner=owner, thief=thief)

            with walking(chromium, demo.address, java_script_enabled=False) as own:
                takes_it_back(own, demo, owner=owner)
                signs_in(own, owner, NEW)

                assert own.trouble == []
            walk.go("/accounts/profile/")
            expect(walk.page).to_have_url(re.compile("/accounts/login/"))
            assert walk.trouble == []


def signs_in(walk: Walk, email: str, password: str) -> None:
    page = walk.go("/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    walk.follow(page.get_by_role("main").get_by_role("button", name="Sign in"))
    walk.go("/accounts/profile/")
    expect(page.get_by_text(email)).to_be_visible()


def takes_it_over(walk: Walk, potato: Installation, *, owner: str, thief: str) -> None:
    page = walk.go("/accounts/email/")
    page.get_by_label("E-mail address").fill(thief)
    walk.follow(page.get_by_role("button", name="Add"))
    # The address that was typed waits for the password.
    walk.look_at_it()
    page.get_by_label("Password").fill(PASSWORD)
    walk.follow(page.get_by_role("button", name="Go on"))
    expect(page.get_by_label(thief)).to_be_visible()
    walk.look_at_it()
    link = re.compile(rf"worker \|.*({re.escape(potato.address)}/my/accounts/confirm-email/\S+)")
    walk.go(potato.line(link, seconds=MAIL_SECONDS)[1])
    walk.follow(page.locator("main form button"))
    for address, button in ((thief, "Send mail here"), (owner, "Remove")):
        walk.go("/accounts/email/")
        page.get_by_label(address).check()
        walk.follow(page.get_by_role("button", name=button))
    expect(page.get_by_label(owner)).to_have_count(0)


def takes_it_back(walk: Walk, potato: Installation, *, owner: str) -> None:
    link = re.compile(rf"worker \|.*({re.escape(potato.address)}/my/accounts/email/undo/\S+)")
    page = walk.go(potato.line(link, seconds=MAIL_SECONDS)[1])
    expect(page.get_by_role("main")).to_contain_text(owner)
    walk.look_at_it()
    walk.follow(page.get_by_role("button", name="အကောင့်ကို ပြန်ယူပါ"))
    expect(page.get_by_role("heading", name="စကားဝှက်အသစ် သတ်မှတ်ပါ")).to_be_visible()
    walk.look_at_it()
    for field in page.locator("main input[type=password]").all():
        field.fill(NEW)
    walk.follow(page.locator("main form button"))
    expect(page.get_by_role("heading", name="စကားဝှက်အသစ် သတ်မှတ်ပြီးပါပြီ")).to_be_visible()
    walk.look_at_it()
