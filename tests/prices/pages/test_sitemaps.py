import pytest

from prices.names import cache as names
from prices.publishing import relay
from shops.models import Shop
from tests.factories import make_category, make_item, make_region, make_shop, make_township

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def places():
    insein = make_township(region=make_region(slug="yangon"), slug="insein")
    make_item(slug="rice", category=make_category(slug="cereals"))
    make_item(slug="old-rice", is_active=False)
    shops = [make_shop(township=insein), make_shop(township=insein, status=Shop.Status.CLOSED)]
    relay.run_once(limit=1000)
    names.refresh()
    return shops


class TestSitemap:
    def test_lists_every_page_in_both_languages_without_postgresql(
        self, client, places, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            index = client.get("/sitemap.xml").content.decode()
            sections = {
                name: client.get(f"/sitemap-{name}.xml").content.decode()
                for name in ("pages", "items", "places", "shops")
            }

        for name, text in sections.items():
            assert f"<loc>http://testserver/sitemap-{name}.xml</loc>" in index
            assert 'hreflang="x-default"' in text and 'hreflang="my"' in text, name
        for path in ("/", "/my/", "/items/", "/shops/"):
            assert f"<loc>http://testserver{path}</loc>" in sections["pages"]
        for path in ("/items/rice/", "/my/items/rice/", "/categories/cereals/"):
            assert f"<loc>http://testserver{path}</loc>" in sections["items"]
        for path in ("/regions/yangon/", "/my/regions/yangon/insein/"):
            assert f"<loc>http://testserver{path}</loc>" in sections["places"]
        assert f"<loc>http://testserver/my/shops/{places[0].pk}/</loc>" in sections["shops"]

    def test_leaves_out_what_is_closed_or_retired(self, client, places):
        assert f"/shops/{places[1].pk}/" not in client.get("/sitemap-shops.xml").content.decode()
        assert "old-rice" not in client.get("/sitemap-items.xml").content.decode()

    def test_has_no_section_or_page_that_nobody_made(self, client, places):
        for path in ("/sitemap-nothing.xml", "/sitemap-items.xml?p=9", "/sitemap-items.xml?p=x"):
            assert client.get(path).status_code == 404, path
