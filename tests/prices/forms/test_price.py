from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potato import calendar
from potato.errors import Refused
from prices.forms.fields import NOTE_LENGTH
from prices.forms.price import CorrectionForm, PriceForm
from tests.factories import make_entry, make_item, make_shop
from tests.prices.sending import good_price

pytestmark = pytest.mark.django_db

# 14:30 in Yangon.
NOW = datetime(2025, 12, 15, 8, 0, tzinfo=UTC)


def posted(fields):
    data = QueryDict(mutable=True)
    data.update(fields)
    return data


@pytest.fixture
def fill():
    """A form of a good price with some fields changed."""
    item, shop = make_item(), make_shop()
    return lambda **changes: PriceForm(posted(good_price(item=item, shop=shop, **changes)), now=NOW)


class TestNumbers:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("2400", "2400"),
            ("၂၄၀၀", "2400"),
            ("၂,၄၀၀", "2400"),
            ("႒႔႐႐", "2400"),
            ("２４００", "2400"),
            ("2,400", "2400"),
            ("2 400", "2400"),
            ("2\u00a0400.50", "2400.5"),
            ("1,00,000", "100000"),
            (" K 2,400 ", "2400"),
            ("2400 ကျပ်", "2400"),
        ],
    )
    def test_are_understood_as_people_write_them(self, fill, typed, meant):
        form = fill(price=typed)

        assert form.is_valid(), form.errors
        assert form.cleaned_data["price"] == Decimal(meant)

    def test_allow_a_quantity_in_parts_but_no_finer_than_it_is_kept(self, fill):
        assert fill(quantity="၀.၅").is_valid()
        assert fill(quantity="0.125").is_valid()
        assert "quantity" in fill(quantity="0.0625").errors


class TestTime:
    def test_is_left_to_the_moment_of_acceptance_when_seen_now(self, fill):
        form = fill(seen="now")

        assert form.is_valid()
        assert form.cleaned_data["seen_at"] is None

    def test_is_the_midnight_that_begins_the_day_when_only_the_day_is_known(self, fill):
        form = fill(seen="today")

        assert form.is_valid()
        assert form.cleaned_data["seen_at"] == calendar.start_of_day(calendar.yangon_day(NOW))

    @pytest.mark.parametrize(
        ("day", "time"), [("2025-12-14", "09:05"), ("၂၀၂၅-၁၂-၁၄", "၀၉:၀၅"), ("14/12/2025", "09:05")]
    )
    def test_is_that_of_yangon(self, fill, day, time):
        form = fill(seen="earlier", seen_on=day, seen_time=time)

        assert form.is_valid(), form.errors
        assert form.cleaned_data["seen_at"] == datetime(2025, 12, 14, 2, 35, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"seen": "earlier"}, "seen_on"),
            ({"seen": "earlier", "seen_on": "2025-12-16"}, "seen_on"),
            ({"seen": "earlier", "seen_on": "9999-12-31"}, "seen_on"),
            ({"seen": "earlier", "seen_on": "1999-12-31"}, "seen_on"),
            ({"seen": "earlier", "seen_on": "0001-01-01"}, "seen_on"),
            ({"seen": "earlier", "seen_on": "2025-02-30"}, "seen_on"),
            ({"seen": "earlier", "seen_on": "2025-12-15", "seen_time": "14:36"}, "seen_time"),
            ({"seen": "earlier", "seen_on": "2025-12-14", "seen_time": "25:00"}, "seen_time"),
            ({"seen": "today", "seen_time": "23:59"}, "seen_time"),
            ({"seen": "today", "seen_on": "2025-12-14"}, "seen_on"),
            ({"seen": "now", "seen_on": "2025-12-14"}, "seen"),
            ({"seen": "now", "seen_time": "09:00"}, "seen"),
        ],
    )
    def test_is_refused_at_its_field_when_it_cannot_be_meant(self, fill, changes, field):
        form = fill(**changes)

        assert not form.is_valid()
        assert set(form.errors) == {field}

    def test_a_few_minutes_ahead_counts_as_now(self, fill):
        form = fill(
            seen="today", seen_time=f"{(NOW + timedelta(minutes=4)).astimezone(calendar.YANGON):%H:%M}"
        )

        assert form.is_valid()
        assert form.cleaned_data["seen_at"] is None

    def test_of_a_correction_stays_unless_another_is_given(self):
        item, shop = make_item(), make_shop()
        fields = good_price(item=make_item(), shop=make_shop())
        entry = make_entry(item_id=item.pk, shop=shop)

        same = CorrectionForm(posted({**fields, "seen": "same"}), entry=entry, now=NOW)
        other = CorrectionForm(
            posted({**fields, "seen": "earlier", "seen_on": "2025-12-01", "unit": item.default_unit.code}),
            entry=entry,
            now=NOW,
        )

        assert same.is_valid() and same.offer().seen_at == entry.seen_at
        assert other.is_valid() and other.offer().seen_at == datetime(2025, 11, 30, 17, 30, tzinfo=UTC)
        assert (same.offer().item, same.offer().shop) == (item, shop)

    def test_of_a_correction_is_refused_where_its_shop_is_gone(self):
        item, shop = make_item(), make_shop()
        entry = make_entry(item_id=item.pk, shop=shop)
        form = CorrectionForm(
            posted({**good_price(item=item, shop=shop), "seen": "same"}), entry=entry, now=NOW
        )
        assert form.is_valid()
        shop.delete()

        with pytest.raises(Refused):
            form.offer()


class TestId:
    @pytest.mark.parametrize(
        "damaged",
        [
            "",
            "abc",
            "12",
            "\x00",
            "x" * 1_000_000,
            "00000000-0000-0000-0000-000000000000",
            "6f0b6f6e-6f74-5a74-8f5f-7472757374ed",
        ],
    )
    def test_is_replaced_by_a_fresh_one_and_the_form_asks_to_be_sent_again(self, fill, damaged):
        form = fill(submission_id=damaged, note="kept")

        assert not form.is_valid()
        assert form.non_field_errors()
        fresh = PriceForm(form.data, now=NOW)
        assert fresh.is_valid(), fresh.errors
        assert fresh.cleaned_data["submission_id"].version == 7
        assert fresh.cleaned_data["note"] == "kept"

    def test_is_new_in_every_form(self):
        ids = {str(PriceForm(now=NOW)["submission_id"].value()) for _ in range(20)}

        assert len(ids) == 20


class TestNote:
    def test_may_be_as_long_as_it_says(self, fill):
        assert fill(note="မ" * NOTE_LENGTH).is_valid()
        assert str(NOTE_LENGTH) in str(fill(note="မ" * (NOTE_LENGTH + 1)).errors["note"])


texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789၀၁၂၉.,-+eE kK'\u200b\u00a0\x00", max_size=30),
    st.sampled_from(
        [
            "NaN",
            "inf",
            "-1",
            "0",
            "1e309",
            "9" * 400,
            "x" * 5000,
            "\x00",
            "١٢٣",
            "²",
            "１",
            "2025-12-14",
            "now",
        ]
    ),
)


class TestWhateverIsTyped:
    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        typed=st.dictionaries(
            st.sampled_from(sorted(PriceForm.base_fields)), st.lists(texts, max_size=2), max_size=11
        )
    )
    def test_is_either_a_price_that_makes_sense_or_an_error_at_a_field(self, typed):
        item, shop = _shared()
        data = MultiValueDict({name: [value] for name, value in good_price(item=item, shop=shop).items()})
        for name, values in typed.items():
            data.setlist(name, values)

        form = PriceForm(data, now=NOW)

        if form.is_valid():
            clean = form.cleaned_data
            assert 0 < clean["price"] < 10**10 and 0 < clean["quantity"] < 10**6
            assert (clean["item"], clean["shop"]) == (item, shop)
            assert clean["seen_at"] is None or datetime(1999, 12, 31, tzinfo=UTC) < clean["seen_at"] <= NOW
            assert "\x00" not in clean["note"] and len(clean["note"]) <= NOTE_LENGTH
        else:
            assert all(str(message) for messages in form.errors.values() for message in messages)
            # The form can be shown again, with what was typed.
            assert all(str(field) for field in form)


def _shared():
    """One item and shop for all examples of a test."""
    from catalog.models import Item
    from shops.models import Shop

    return Item.objects.first() or make_item(), Shop.objects.first() or make_shop()
