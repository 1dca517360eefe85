"""Which prices wait for a moderator, and in which order."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Role
from potato import clock
from prices import services
from prices.coordination.ids import uuid7
from prices.store import entries, reports
from prices.types import Report, Submitter
from tests.factories import make_entry, make_shop, make_user
from tests.prices.admin.conftest import check_page, decide, form_of, report, walk
from tests.prices.sending import correct_price, publish, publish_price

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def price(client, author, onions):
    """A published price."""
    client.force_login(author)
    return publish_price(client, item=onions, shop=make_shop(shop_name="Meegwet"), price="2400")


def store_report(entry, *, by, seq, at, text=""):
    reports.put(Report(entry.id, entry.item_id, by, "price", text, at, seq=seq))


class TestReportedPrices:
    def test_show_what_is_said_of_them_until_somebody_decides(self, client, price, moderator):
        report(client, price, by=make_user(), reason="unit", text="per viss!")
        publish()
        client.force_login(moderator)

        text = check_page(client)
        act_id, boxes = form_of(text)
        decide(client, act_id=act_id, entry=[boxes[price]], action="published")
        publish()

        assert "Reported by 1 person" in text and "The unit or the quantity is wrong: per viss!" in text
        assert entries.get(price).status == "published"
        assert "Nothing waits" in check_page(client)

    def test_show_both_reports_of_two_people(self, client, price, moderator):
        for text in ("it is 1,400", "it is 1,500"):
            report(client, price, by=make_user(), text=text)
        publish()
        client.force_login(moderator)

        text = check_page(client)

        assert "Reported by 2 people" in text and "it is 1,400" in text and "it is 1,500" in text
        assert len(form_of(text)[1]) == 1

    def test_by_one_person_51_times_hide_nobody_elses(
        self, client, price, author, onions, moderator, settings
    ):
        settings.NEW_ACCOUNT_REPORTS_PER_HOUR = settings.NEW_ACCOUNT_REPORTS_PER_DAY = 100
        client.force_login(author)
        another = publish_price(client, item=onions, shop=make_shop(), price="2500")
        report(client, another, by=make_user(), text="this one, too")
        persistent = make_user()
        for number in range(51):
            report(client, price, by=persistent, text=f"report {number}")
        publish()
        client.force_login(moderator)

        text = check_page(client)

        assert set(form_of(text)[1]) == {price, another}
        assert "this one, too" in text and "report 50" in text and "report 49" not in text

    def test_show_a_readable_number_of_many_reports(self, client, price, moderator):
        entry = entries.get(price)
        for number in range(30):
            store_report(
                entry, by=1000 + number, seq=number, at=entry.received_at + timedelta(minutes=number),
                text=f"report {number}."
            )  # fmt: skip
        client.force_login(moderator)

        text = check_page(client)

        assert "Reported by 30 people" in text and "and 25 more" in text
        assert "report 29." in text and "report 25." in text and "report 24." not in text

    def test_that_wait_anyway_are_listed_once_with_their_reports(self, client, odd, moderator):
        entry = entries.get(odd[1])
        store_report(entry, by=7, seq=1, at=clock.now(), text="two zeros too many")
        client.force_login(moderator)

        text = check_page(client)

        assert sorted(walk(client)) == sorted(odd)
        assert "two zeros too many" in text


class TestPages:
    @pytest.mark.usefixtures("mongo_off_disk")
    def test_reach_every_price_once_whatever_it_waits_for(self, client, moderator, monkeypatch):
        """300 reports of 120 prices, and 60 prices put aside, many of one moment."""
        monkeypatch.setattr("prices.admin.queue.PAGE", 7)
        start = clock.now() - timedelta(days=30)
        reported = [make_entry(id=str(uuid7()), received_at=start) for _ in range(120)]
        aside = [
            make_entry(
                id=str(uuid7()),
                received_at=start + timedelta(hours=number // 9),
                status=("pending", "quarantined")[number % 2],
            )
            for number in range(60)
        ]
        entries.add_many([*reported, *aside])
        for number in range(300):
            # Two of three by another person; some came in together, and at the moment of prices put aside.
            at = start + timedelta(hours=(number % 120) // 20)
            store_report(reported[number % 120], by=number, seq=number, at=at)
        for entry in aside[:10]:
            store_report(entry, by=7, seq=1, at=clock.now())
        client.force_login(moderator)

        walked = walk(client)

        assert len(walked) == 180
        assert set(walked) == {entry.id for entry in [*reported, *aside]}
        assert check_page(client).count('name="entry"') == 7

    def test_lose_nothing_when_prices_are_decided_and_reported_while_somebody_walks(
        self, client, moderator, monkeypatch
    ):
        monkeypatch.setattr("prices.admin.queue.PAGE", 2)
        start = clock.now() - timedelta(days=1)
        waiting = [
            make_entry(id=str(uuid7()), received_at=start - timedelta(hours=number), status="pending")
            for number in range(6)
        ]
        entries.add_many(waiting)
        client.force_login(moderator)
        first = check_page(client)
        act_id, boxes = form_of(first)
        older = first.partition('href="?before=')[2].partition('"')[0]

        decide(client, act_id=act_id, entry=list(boxes.values()), action="published")
        store_report(waiting[4], by=7, seq=1, at=clock.now())
        publish()

        second = check_page(client, before=older)
        assert list(form_of(second)[1]) == [waiting[2].id, waiting[3].id]

    def test_leave_out_what_is_gone(self, client, price, moderator):
        store_report(make_entry(id=str(uuid7())), by=7, seq=1, at=clock.now())
        client.force_login(moderator)

        assert "Nothing waits" in check_page(client)


class TestPricesJustDecided:
    def test_leave_the_list_before_a_relay_has_published_the_decision(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))

        decide(client, act_id=act_id, entry=[boxes[odd[0]], boxes[odd[1]]], action="published")

        assert walk(client) == [odd[2]]

    @pytest.mark.parametrize("act", ["withdraw_price", "correct_price"])
    def test_leave_the_list_when_their_author_took_them_back_or_corrected_them(
        self, client, odd, author, onions, moderator, act
    ):
        entry = entries.get(odd[0])
        if act == "withdraw_price":
            services.withdraw_price(by=author, act_id=uuid7(), entry=entry, now=clock.now())
        else:
            correct_price(
                by=author, submission_id=uuid7(), entry=entry, price=Decimal(2400), quantity=Decimal(1),
                unit=onions.default_unit, type="RETAIL", now=clock.now()
            )  # fmt: skip
        client.force_login(moderator)

        assert sorted(walk(client)) == sorted(odd[1:])

    def test_leave_it_on_every_page_and_pages_stay_full(self, client, odd, moderator, monkeypatch):
        monkeypatch.setattr("prices.admin.queue.PAGE", 1)
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        decide(client, act_id=act_id, entry=list(boxes.values()), action="published")

        text = check_page(client)

        assert len(form_of(text)[1]) == 1
        assert len(walk(client)) == 2


class TestOnesOwnPrices:
    def test_are_listed_without_a_box_and_say_that_another_moderator_decides(self, client, onions, moderator):
        moderator.role = Role.ADMIN
        client.force_login(moderator)
        own = publish_price(client, item=onions, shop=make_shop(), price="24000")

        text = check_page(client)

        assert f'href="/prices/{own}/"' in text and "It is your own price: another moderator decides." in text
        assert 'name="entry"' not in text

    def test_of_others_have_a_box(self, client, moderator):
        entries.add(
            make_entry(
                id=str(uuid7()), status="pending", submitter=Submitter(moderator.pk + 1, "", "CONTRIBUTOR")
            )
        )
        client.force_login(moderator)

        assert check_page(client).count('name="entry"') == 1
