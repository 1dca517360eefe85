import pytest
from django.contrib.staticfiles import finders


@pytest.fixture(autouse=True)
def whole_site(small_site, settings) -> None:
    settings.ROOT_URLCONF = "potato.urls"


class TestFavicon:
    def test_leads_to_the_mark_for_pages_that_name_no_icon(self, client):
        response = client.get("/favicon.ico")

        assert response.status_code == 302
        assert finders.find(response["Location"].removeprefix("/static/"))
