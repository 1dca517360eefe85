"""Staff at work in a browser, which runs nothing that the pages' policy does not name."""

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, sign_in, walking

DESK = {"width": 1280, "height": 800}


class TestStaff:
    def test_place_a_shop_on_the_map_and_pick_a_category_by_name(self, demo: Installation, chromium: Browser):
        with walking(chromium, demo.address, viewport=DESK) as walk:
            sign_in(walk, role="admin")

            page = walk.go("/admin/shops/shop/?kind__exact=MARKET")
            walk.follow(page.locator("#result_list tbody th a").first)
            # The outlines of the regions, and the marker of the shop.
            expect(page.locator(".leaflet-overlay-pane path").first).to_be_attached()
            expect(page.locator(".leaflet-marker-pane img")).to_have_count(1)
            page.get_by_label("Latitude").fill("၁၆.၈၅, 96.2")
            page.get_by_label("Longitude").press("Tab")
            expect(page.get_by_label("Longitude")).to_have_value("96.2")
            # Not saved: others walk through these shops too.
            assert page.locator("#id_point").input_value() == '{"type":"Point","coordinates":[96.2,16.85]}'
            page.locator(".leaflet-draw-edit-remove").click()
            page.locator(".leaflet-marker-pane img").click()
            expect(page.locator(".leaflet-marker-pane img")).to_have_count(0)
            page.locator(".leaflet-draw-actions a").filter(has_text="Save").click()
            expect(page.get_by_label("Latitude")).to_have_value("")

            walk.go("/admin/catalog/item/?q=onion")
            walk.follow(page.locator("#result_list tbody th a").first)
            page.locator(".field-category .select2-selection").click()
            page.get_by_role("searchbox").last.fill("meat")
            chosen = page.locator(".select2-results__option").filter(has_text="Meat").first
            chosen.click()
            expect(page.locator(".field-category .select2-selection")).to_contain_text("Meat")

            walk.go("/admin/django_celery_beat/periodictask/")
            walk.follow(page.locator("#result_list tbody th a").first)
            expect(page.locator("#id_name")).to_be_visible()

            for path in ("/admin/prices/ledgerrow/to-check/", "/my/admin/shops/township/add/"):
                walk.go(path)

            assert walk.trouble == []
