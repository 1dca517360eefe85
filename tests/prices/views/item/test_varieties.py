"""An item that is sold by kind, and its kinds."""

import re

import pytest

from prices.derived import board_copies, refresh
from prices.store import entries
from tests.factories import make_item, make_region
from tests.prices.reading import (
    main_of,
    mongo_is_away,
    reads_without_postgresql,
    text_of,
    ticket_of,
)
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestKinds:
    """Grain has no price of its own; of its kinds emata has prices, paw-san an old one, and nga-sein none."""

    @pytest.fixture
    def kinds(self, stalls):
        found = stalls
        found.grain, found.emata, found.paw_san, found.nga_sein = (
            make_item(slug=slug, name_en=name, category=stalls.cereals, default_unit=stalls.viss, **fields)
            for slug, name, fields in (
                ("grain", "Grain", {"position": 9}),
                ("emata", "Grain (Emata)", {"position": 10}),
                ("paw-san", "Grain (Paw San)", {"position": 11}),
                ("nga-sein", "Grain (Nga Sein)", {"position": 12}),
            )
        )
        for kind in (found.emata, found.paw_san, found.nga_sein):
            kind.variety_of = found.grain
            kind.save()
        put(
            price(found, found.meegwet, 2_000, hours=5, item_id=found.emata.pk),
            price(found, found.ywarma, 2_100, days=1, item_id=found.emata.pk),
            price(found, found.zay_cho, 3_000, days=2, item_id=found.emata.pk),
            price(found, found.zay_cho, 1_600, days=40, item_id=found.emata.pk),
            price(found, found.zay_cho, 4_000, days=60, item_id=found.paw_san.pk),
        )
        return found

    def test_of_an_item_without_prices_of_its_own_stand_first(self, client, kinds):
        response = client.get("/items/grain/")

        text, body = text_of(response), main_of(response)
        assert "No price yet" not in text and "Nobody has sent" not in text
        assert "Prices of Grain are noted by kind." in text
        assert re.search(r"Grain \(Emata\) 3 shops · 5 h .{0,30}2,100", text)
        assert re.search(r"Grain \(Paw San\) too old to count · \d+ \w+ \d+ .{0,30}4,000", text)
        assert "No prices yet: Grain (Nga Sein)" in text
        assert body.index("/items/emata/") < body.index("/items/paw-san/") < body.index("/items/nga-sein/")

    def test_show_by_how_much_they_changed(self, client, kinds):
        # The newest day's middle, 2,000, beside that of 40 days ago, 1,600.
        assert "+25.0 %" in text_of(client.get("/items/grain/"))

    def test_of_a_region_have_its_prices(self, client, kinds):
        text = text_of(client.get("/items/grain/?region=mandalay"))

        assert re.search(r"Grain \(Emata\) 1 shop · 2 days .{0,30}3,000", text)
        assert "2,100" not in text
        assert 'href="/items/emata/?region=mandalay"' in main_of(client.get("/items/grain/?region=mandalay"))

    def test_of_a_region_without_any_price_leave_the_way_back(self, client, kinds):
        make_region(slug="chin", name_en="Chin")
        put()

        response = client.get("/items/grain/?region=chin")

        assert response.status_code == 200
        assert "No price yet" in text_of(response)
        assert 'name="region"' in main_of(response)

    def test_are_in_the_unit_that_was_asked_for(self, client, kinds):
        # 2,100 a kg.
        assert "3,429" in text_of(client.get("/items/grain/?unit=viss"))

    def test_stand_on_the_page_of_each_of_them(self, client, kinds):
        response = client.get("/items/emata/")

        text, body = text_of(response), main_of(response)
        assert ticket_of(response).startswith("Typical in Myanmar, retail K 2,100 a kg")
        assert re.search(r"Grain \(Paw San\) too old to count · .{0,40}4,000", text)
        assert "All kinds: Grain" in text
        assert 'href="/items/grain/"' in body

    def test_of_which_only_wholesale_prices_are_known_show_those(self, client, kinds):
        entries.collection().delete_many({"itemId": {"$in": [kinds.emata.pk, kinds.paw_san.pk]}})
        put(price(kinds, kinds.zay_cho, 1_900, item_id=kinds.nga_sein.pk, type="WHOLESALE"))
        for kind in (kinds.emata, kinds.paw_san):
            refresh.rebuild(kind.pk)

        text = text_of(client.get("/items/grain/"))

        assert "1,900" in text

    def test_are_read_with_all_other_boards_at_once(self, client, kinds):
        for path in ("/items/grain/", "/items/emata/?region=yangon", "/my/items/paw-san/"):
            assert 1 <= reads_without_postgresql(client, path) <= 2, path

    def test_come_from_postgresqls_copies_without_mongodb(self, client, kinds, monkeypatch):
        board_copies.copy_changed()
        mongo_is_away(monkeypatch)

        text = text_of(client.get("/items/grain/"))

        assert "2,100" in text
        assert "Prices as of" in text

    def test_are_found_before_what_has_no_price(self, client, kinds):
        for number in range(30):
            make_item(slug=f"grain-{number}", name_en=f"Grain {number}", category=kinds.cereals, position=1)
        put()

        body = main_of(client.get("/search/?q=grain"))
        text = text_of(client.get("/search/?q=grain"))

        assert 0 < body.index('href="/items/emata/"') < body.index('href="/items/grain/"')
        assert body.index('href="/items/paw-san/"') < body.index('href="/items/grain-1/"')
        assert "Prices by kind: Grain No retail price yet: Grain 0" in text

    def test_make_no_list_say_that_their_item_has_no_price(self, client, kinds):
        for path in ("/items/", "/categories/cereals/"):
            text = text_of(client.get(path))

            assert "Prices by kind: Grain" in text, path
            assert re.search(r"No prices yet: .*Grain \(Nga Sein\)", text), path
            assert not re.search(r"No prices yet: [^.]*Grain ,", text), path
