"""MongoDB does not answer, and neither the ledger nor a form knows the price: its shop's board does."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Role
from prices import selectors
from prices.coordination.ids import uuid7
from prices.derived import board_copies, refresh
from prices.models import BoardCopy
from prices.store import entries, reports
from prices.types import Submitter
from tests.factories import make_entry, make_moderator, make_user
from tests.prices.away import DEAD, SILENT, without_mongodb
from tests.prices.sending import publish, sent
from tests.prices.views.entry.conftest import UNKNOWN

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("mongo_store"),
    pytest.mark.parametrize("how", [DEAD, SILENT]),
]


@pytest.fixture
def imported(onions, market):
    """A survey's price on the board of its shop, whose page nobody has open."""
    survey = Submitter(id=make_user().pk, name="World Food Programme", role="CONTRIBUTOR")
    entry = make_entry(shop=market, item_id=onions.pk, unit="viss", source="WFP", submitter=survey)
    entries.add(entry)
    refresh.refresh([refresh.Touched.by(entry)])
    board_copies.copy_changed()
    return entry.id


def post(client, name, id, form):
    response = client.post(reverse(name, args=[id]), form)
    assert response.status_code == 303, response.content.decode()


class TestAnImportedPrice:
    def test_is_shown_to_everybody(self, client, imported, how):
        with without_mongodb(how):
            response = client.get(reverse("entry", args=[imported]))

        text = response.content.decode()
        assert response.status_code == 200 and "K 2,400 a viss" in text and "YwarMa market" in text
        assert response["X-Potato-Degraded"] == "mongo"

    def test_is_confirmed_and_reported_by_who_opens_it_only_now(self, client, imported, how):
        client.force_login(make_user(role=Role.CONTRIBUTOR))

        with without_mongodb(how):
            post(client, "confirm", imported, {})
            form = client.get(reverse("report", args=[imported]))
            assert form.status_code == 200 and "K 2,400 a viss" in form.content.decode()
            post(client, "report", imported, {"act_id": str(uuid7()), "reason": "unit", "text": "per kg"})
        publish()

        assert {row.state for row in sent()} == {"published"}
        assert entries.get(imported).confirmations == 1
        assert [id for _since, id in reports.reported(limit=5)] == [imported]

    def test_that_a_moderator_removes_is_no_longer_offered(self, client, imported, how):
        client.force_login(make_moderator())
        with without_mongodb(how):
            removal = {"act_id": str(uuid7()), "reason": "made up", "seen_status": "published"}
            post(client, "withdraw", imported, removal)
        publish()

        client.force_login(make_user(role=Role.CONTRIBUTOR))
        # The copy is older than the decision.
        with without_mongodb(how):
            text = client.get(reverse("entry", args=[imported])).content.decode()

        assert "This price was removed by a moderator." in text
        assert "K 2,400" not in text and reverse("confirm", args=[imported]) not in text


class TestAPriceThatNoBoardHolds:
    def test_is_a_503_in_words(self, client, imported, how):
        with without_mongodb(how):
            response = client.get(reverse("entry", args=[UNKNOWN]))

        assert response.status_code == 503


class TestTheSearchAmongCopies:
    def test_goes_by_its_index(self, imported, how, django_assert_num_queries):
        BoardCopy.objects.bulk_create(
            BoardCopy(
                key=f"shop:{10_000 + shop}", rev=1, data={"rows": [{"entry": str(uuid7())}]}, copied_at=NOW
            )
            for shop in range(500)
        )
        with django_assert_num_queries(1) as queries:
            selectors.find_entry(imported)

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE prices_boardcopy")
            # So few rows are read through sooner than any index.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + queries.captured_queries[0]["sql"])
            plan = "\n".join(line for (line,) in cursor.fetchall())

        assert "prices_boardcopy_entries" in plan
