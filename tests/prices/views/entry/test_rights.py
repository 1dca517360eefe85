"""Who may do what to a price, as docs and roles promise: every address and method as each kind of person."""

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.coordination.ids import uuid7
from prices.store import entries
from tests.factories import make_moderator, make_user
from tests.prices.sending import publish, sent
from tests.prices.views.entry.conftest import page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

PEOPLE = {
    "V": lambda: None,
    "U": lambda: make_user(role=Role.USER),
    "C": lambda: make_user(role=Role.CONTRIBUTOR),
    "R": lambda: make_user(role=Role.RETAILER),
    "S": lambda: make_user(role=Role.ADMIN),
    "M": make_moderator,
    "A": lambda: make_user(is_superuser=True),
}

# Another person's price. "in": to the sign-in page; "no": the page that says how to become a contributor; "own": refused in
# words, since only its author may; "yes": the page, or the act accepted.
OF_ANOTHER = """
                       V    U    C    R    S    M    A
GET  entry             yes  yes  yes  yes  yes  yes  yes
GET  submission        in   404  404  404  404  yes  yes
POST confirm           in   no   yes  yes  yes  yes  yes
GET  correct           in   no   own  own  own  yes  yes
POST correct           in   no   own  own  own  yes  yes
GET  withdraw          in   no   own  own  own  yes  yes
POST withdraw          in   no   own  own  own  yes  yes
GET  report            in   yes  yes  yes  yes  yes  yes
POST report            in   yes  yes  yes  yes  yes  yes
"""

# Another person's price that waits for a check. "hidden": the page does not say what it costs; "all": it does.
OF_ANOTHER_HIDDEN = """
                       V      U      C      R      S      M    A
GET  entry             hidden hidden hidden hidden hidden all  all
GET  report            in     hidden hidden hidden hidden all  all
GET  correct           in     no     hidden hidden hidden all  all
GET  withdraw          in     no     hidden hidden hidden all  all
"""

OF_ONES_OWN = """
                       C    R    S    M    A
GET  entry             yes  yes  yes  yes  yes
GET  submission        yes  yes  yes  yes  yes
GET  correct           yes  yes  yes  yes  yes
POST correct           yes  yes  yes  yes  yes
GET  withdraw          yes  yes  yes  yes  yes
POST withdraw          yes  yes  yes  yes  yes
"""

SENDS = {
    "confirm": {},
    "correct": {
        "price": "2,500", "quantity": "1", "unit": "viss", "type": "RETAIL", "seen": "same", "reason": "a slip",
    },
    "withdraw": {"reason": "made up"},
    "report": {"reason": "price"},
}  # fmt: skip


def rows_of(table: str) -> list[tuple[str, str, str, str]]:
    head, *lines = table.strip("\n").splitlines()
    return [
        (person, method, name, expected)
        for method, name, *outcomes in (line.split() for line in lines)
        for person, expected in zip(head.split(), outcomes, strict=True)
    ]


def ask(client, method, name, price):
    address = reverse(name, args=[price])
    if method == "GET":
        return client.get(address)
    ids = {"act_id": str(uuid7()), "submission_id": str(uuid7())}
    return client.post(address, SENDS[name] | ids)


def outcome_of(client, response) -> str:
    """What somebody met, in the words of the tables."""
    if response.status_code == 404:
        return "404"
    if response.status_code == 403:
        return "no"
    if response.status_code == 302 and "/accounts/login/" in response["Location"]:
        return "in"
    if response.status_code == 303:
        whole = client.get(response["Location"]).content.decode()
        return "own" if "sent by somebody else" in whole else "yes"
    return "yes" if response.status_code == 200 else str(response.status_code)


def sign_in(client, person):
    client.logout()
    if user := PEOPLE[person]():
        client.force_login(user)
    return user


class TestAnothersPrice:
    @pytest.mark.parametrize(("person", "method", "name", "expected"), rows_of(OF_ANOTHER))
    def test_lets_each_do_what_their_role_may(self, client, price, person, method, name, expected):
        sign_in(client, person)
        before = sent().count()

        response = ask(client, method, name, price)

        assert outcome_of(client, response) == expected
        assert sent().count() - before == (method == "POST" and expected == "yes")

    @pytest.mark.parametrize(("person", "method", "name", "expected"), rows_of(OF_ANOTHER_HIDDEN))
    def test_that_waits_for_a_check_shows_itself_to_moderators_alone(
        self, client, odd_price, person, method, name, expected
    ):
        sign_in(client, person)

        response = ask(client, method, name, odd_price)
        met = outcome_of(client, response)
        if met in ("yes", "own"):
            text = client.get(reverse(name, args=[odd_price]), follow=True).content.decode()
            met = "all" if "24,000" in text else "hidden"

        assert met == expected

    @pytest.mark.parametrize(("person", "offered"), [(who, who in "MA") for who in PEOPLE], ids=list(PEOPLE))
    def test_offers_to_correct_and_to_take_back_only_to_whoever_may(self, client, price, person, offered):
        sign_in(client, person)

        text = page(client, "entry", price)

        assert all((reverse(name, args=[price]) in text) is offered for name in ("correct", "withdraw"))

    def test_is_removed_not_withdrawn_by_a_moderator(self, client, price):
        sign_in(client, "M")

        ask(client, "POST", "withdraw", price)
        publish()

        assert entries.get(price).status == "removed"


class TestOnesOwnPrice:
    @pytest.mark.parametrize(("person", "method", "name", "expected"), rows_of(OF_ONES_OWN))
    def test_is_its_authors_to_correct_and_to_take_back(
        self, client, author, price, person, method, name, expected
    ):
        made = PEOPLE[person]()
        # The price's author becomes somebody of that role.
        author.role, author.is_superuser = made.role, made.is_superuser
        author.save()
        author.user_permissions.set(made.user_permissions.all())
        client.force_login(author)

        response = ask(client, method, name, price)

        assert outcome_of(client, response) == expected
        publish()
        if method == "POST":
            assert entries.get(price).status == "withdrawn"
