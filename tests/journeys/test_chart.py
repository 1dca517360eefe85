"""The history of an item, point by point and place beside place."""

import re

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, walking

AT = r": (middle [\d,]+, low [\d,]+, high [\d,]+, \d+ prices?|no prices)"


class TestChart:
    def test_is_read_out_by_keys_and_pointer_and_takes_lines_beside_its_own(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/items/onions/")
            chart, says = (
                page.get_by_role("img", name=re.compile("Onions, Myanmar")),
                page.locator(".readout"),
            )
            newest = says.inner_text()
            page.get_by_text("The same numbers as a table").click()
            days = (
                page.get_by_role("table", name=re.compile("Onions, Myanmar"))
                .get_by_role("rowheader")
                .all_inner_texts()
            )

            chart.focus()
            page.keyboard.press("ArrowLeft")
            expect(says).to_have_text(re.compile(re.escape(days[1]) + AT))
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowRight")
            expect(says).to_have_text(newest)
            page.keyboard.press("Home")
            expect(says).to_have_text(re.compile(re.escape(days[-1]) + AT))
            chart.hover(position={"x": 5, "y": 90})
            expect(says).to_contain_text(days[-1])
            walk.look_at_it()

            # A line more, by the form; the chart that htmx puts in place of the old one is read out, too.
            page.get_by_label("Draw beside it").select_option(label="Yangon")
            page.wait_for_url("**with=yangon**")
            expect(page.locator(".lines")).to_contain_text("Yangon: ")
            chart = page.get_by_role("img", name=re.compile("Onions, Myanmar, retail, beside Yangon"))
            chart.hover()
            expect(says).to_have_text(re.compile(r"\d{4}.* · Yangon ([\d,]+|–)"))
            walk.look_at_it()
            page.get_by_role("link", name="Leave out Yangon").click()
            expect(page.locator(".lines")).to_have_count(0)

            assert walk.trouble == []

    def test_speaks_burmese_and_takes_another_line_without_a_script(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as walk:
            page = walk.go("/my/items/onions/")
            expect(page.locator(".readout")).to_contain_text(re.compile("[၀-၉]"))
            page.locator("#f-with").select_option(value="yangon")
            walk.follow(page.locator("form.beside button"))
            page.wait_for_url("**with=yangon**")
            expect(page.locator(".lines li")).to_have_count(1)
            walk.look_at_it()

            assert walk.trouble == []
