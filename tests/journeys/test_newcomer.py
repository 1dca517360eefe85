"""A newcomer's whole way: an empty Potato, the real prices in, read, sign up, send a price, look after it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import PROJECT, Installation, Walk, asleep, walking

WFP = PROJECT.parent / "shared" / "data" / "prices"
FILES = [
    WFP / "wfp_food_prices_mmr_2008_2022.csv.gz",
    WFP / "wfp_food_prices_mmr_2008_2025_9col.csv.gz",
]
# The day on which these files end.
AS_OF = "2025-12-15"
# Where each was priced from the first year of the files to their last day.
FROM_2008 = [
    ("rice", "Rice (low quality)", "Kachin"),
    ("onion", "Onions", "Kachin"),
    ("oil", "Oil (palm)", "Rakhine"),
    ("ခရမ်းချဉ်သီး", "Tomatoes", "Magway"),
]
EMAIL, PASSWORD = "daw.mya@example.com", "three ripe mangoes"
STAFF_EMAIL, STAFF_PASSWORD = "staff@example.com", "a basket of limes"
MAIL_SECONDS = 60

pytestmark = [
    pytest.mark.skipif(
        not all(file.exists() for file in FILES), reason=f"the World Food Programme's files are not in {WFP}"
    ),
    # Two real imports' worth of prices, in processes that start like bin/run's.
    pytest.mark.timeout(600),
]


@pytest.fixture
def potato(install: Callable[..., Installation]) -> Installation:
    return install("newcomer", POTATO_AS_OF=AS_OF)


class TestNewcomer:
    def test_goes_from_an_empty_potato_to_a_price_of_their_own(
        self, potato: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, potato.address) as walk:
            finds_an_empty_board(walk)
            imports_the_real_prices(potato)
            sees_what_food_costs(walk)
            sees_what_moved(walk)
            for words, item, region in FROM_2008:
                sees_history_from_2008_to_2025(walk, words=words, item=item, region=region)
            signs_up(walk, potato)
            becomes_a_contributor(walk)
            sends_a_price_and_sees_it_published(walk, potato)
            sees_it_per_kilogram_among_the_shops(walk)

            assert walk.trouble == []
        with walking(chromium, potato.address) as walk:
            looks_after_it_in_the_admin(walk, potato)

            assert walk.trouble == []


def finds_an_empty_board(walk: Walk) -> None:
    walk.go("/")
    expect(walk.page.get_by_text("No prices yet")).to_be_visible()
    walk.look_at_it()


def imports_the_real_prices(potato: Installation) -> None:
    told = potato.manage("import_wfp", *map(str, FILES), "--refused", str(potato.folder / "refused.csv"))

    assert "65,237 rows are 45,190 observations: 1,561 are not goods, 43,629 are prices." in told
    assert "43,629 prices added" in told
    assert "6 prices are outside their item's range" in told


def sees_what_food_costs(walk: Walk) -> None:
    page = walk.page
    # What the page cache has of the empty board gives way within a minute; after an import at once.
    page.reload()
    board = page.get_by_role("table", name="Typical retail prices in Myanmar")
    for item in ("Rice (low quality)", "Oil (palm)", "Onions", "Tomatoes"):
        row = board.get_by_role("row").filter(has=page.get_by_role("link", name=item, exact=True))
        expect(row).to_contain_text(re.compile(r"\d,\d{3}"))
    expect(page.get_by_text("Monday 15 December 2025")).to_be_visible()
    walk.look_at_it()


def sees_what_moved(walk: Walk) -> None:
    page = walk.go("/")
    walk.follow(page.get_by_role("main").get_by_role("link", name="What rose and fell"))
    dearer = page.get_by_role("table", name="Dearer").get_by_role("row")
    expect(dearer.nth(1)).to_contain_text(re.compile(r"Tomatoes\s*Magway"))
    expect(dearer.nth(1)).to_contain_text("+103 %")
    expect(dearer.nth(1)).to_contain_text("4 prices")
    walk.look_at_it()
    page.get_by_label("Region", exact=True).select_option(label="Chin")
    walk.follow(page.get_by_role("main").get_by_role("button", name="Show"))
    expect(dearer.nth(1)).to_contain_text("Pulses")
    expect(dearer).to_have_count(2)
    walk.look_at_it()

    walk.follow(page.get_by_role("main").get_by_role("link", name="All unusual moves"))
    # The list that docs/market-alarm.md has of this day.
    moves = page.get_by_role("table").get_by_role("row")
    expect(moves.nth(1)).to_contain_text(re.compile(r"Pulses\s*Chin"))
    expect(moves.nth(1)).to_contain_text("7.2 times")
    expect(moves.nth(2)).to_contain_text(re.compile(r"Salt\s*Sittwe, Rakhine"))
    expect(moves.nth(2)).to_contain_text("5.5 times")
    expect(moves).to_have_count(3)
    walk.look_at_it()
    walk.go("/my/movers/unusual/")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)
    walk.look_at_it()
    page.go_back()
    walk.follow(moves.nth(1).get_by_role("link", name="Pulses"))
    expect(page.get_by_role("heading", name="Pulses", exact=True)).to_be_visible()


def sees_history_from_2008_to_2025(walk: Walk, *, words: str, item: str, region: str) -> None:
    page = walk.go("/")
    page.get_by_role("combobox", name="Search items").fill(words)
    walk.follow(page.get_by_role("search").get_by_role("button", name="Search"))
    walk.look_at_it()
    walk.follow(page.get_by_role("main").get_by_role("link", name=item, exact=True))
    walk.look_at_it()
    page.get_by_label("Region", exact=True).select_option(label=region)
    page.wait_for_url("**region=**")
    page.get_by_role("link", name="All", exact=True).click()
    page.wait_for_url("**period=all**")
    walk.look_at_it()
    page.get_by_text("The same numbers as a table").click()

    history = page.get_by_role("table", name=f"{item}, {region}, retail: price by month")
    months = history.get_by_role("rowheader").all_inner_texts()
    assert months[0] == "Dec 2025"
    assert months[-1] in ("Jan 2008", "Feb 2008")
    # Every shop's latest price stands above, each with its age.
    shops = page.get_by_role("table", name=re.compile("Shops"))
    expect(shops.get_by_role("row").nth(1)).to_be_visible()
    walk.look_at_it()


def signs_up(walk: Walk, potato: Installation) -> None:
    page = walk.page
    walk.follow(tabs(page).get_by_role("link", name="Sign in"))
    walk.look_at_it()
    walk.follow(page.get_by_role("main").get_by_role("link", name="Sign up"))
    walk.look_at_it()
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_label("Display name").fill("Daw Mya")
    walk.follow(page.get_by_role("main").get_by_role("button", name="Sign up"))
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    walk.look_at_it()

    link = re.compile(rf"worker \|.*({re.escape(potato.address)}/accounts/confirm-email/\S+)")
    walk.go(potato.line(link, seconds=MAIL_SECONDS)[1])
    walk.look_at_it()
    walk.follow(page.get_by_role("button", name="Yes, confirm it"))
    expect(tabs(page).get_by_role("link", name="Sign in")).to_have_count(0)
    walk.look_at_it()


def becomes_a_contributor(walk: Walk) -> None:
    page = walk.go("/accounts/profile/")
    walk.look_at_it()
    walk.follow(page.get_by_role("link", name="Become a contributor"))
    walk.look_at_it()
    page.get_by_label("I have read the rules").check()
    walk.follow(page.get_by_role("button", name="Become a contributor"))
    expect(page.get_by_text("You are a contributor now: welcome.")).to_be_visible()
    walk.look_at_it()


def sends_a_price_and_sees_it_published(walk: Walk, potato: Installation) -> None:
    page = walk.page
    walk.follow(tabs(page).get_by_role("link", name="Add price"))
    page.get_by_label("Item", exact=True).select_option(label="Onions ကြက်သွန်နီ")
    page.get_by_label("Name of the shop or market").press_sequentially("mingalar sagaing")
    # What else could be meant: the only one found is chosen.
    expect(page.get_by_text("1 shop found")).to_be_visible()
    expect(page.get_by_label("Shop or stall").locator("option:checked")).to_contain_text("Mingalar")
    expect(page.get_by_label("Unit", exact=True)).to_have_value("viss")
    page.get_by_label("Price in kyat").fill("၂,၄၀၀")
    expect(page.get_by_role("status").filter(has_text="1,470")).to_be_visible()
    walk.look_at_it()

    with asleep(potato, "relay"):
        walk.follow(page.get_by_role("button", name="Send price"))
        expect(page.get_by_role("heading", name="Accepted")).to_be_visible()
        walk.look_at_it()
        page.evaluate("window.same_page = true")
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    assert page.evaluate("window.same_page"), "the page was loaded again"
    walk.look_at_it()


def sees_it_per_kilogram_among_the_shops(walk: Walk) -> None:
    page = walk.page
    walk.follow(page.get_by_role("link", name="Prices of Onions"))
    page.get_by_label("Region", exact=True).select_option(label="Sagaing")
    page.wait_for_url("**region=sagaing**")

    table = page.get_by_role("table", name=re.compile("Shops")).filter(has_text="Daw Mya")
    expect(table).to_contain_text("Kyat a kg")
    row = table.get_by_role("row").filter(has_text="Daw Mya")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Mingalar")
    expect(row).to_contain_text("1,470")
    walk.look_at_it()


def looks_after_it_in_the_admin(walk: Walk, potato: Installation) -> None:
    potato.manage(
        "createsuperuser", "--noinput", "--email", STAFF_EMAIL, DJANGO_SUPERUSER_PASSWORD=STAFF_PASSWORD
    )
    page = walk.go("/admin/")
    page.get_by_label("E-mail address").fill(STAFF_EMAIL)
    page.get_by_label("Password").fill(STAFF_PASSWORD)
    walk.follow(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", name="Places, catalogue, prices and people")).to_be_visible()
    walk.look_at_it()
    walk.follow(page.get_by_role("link", name="Ledger", exact=True))
    row = page.get_by_role("row").filter(has_text="Daw Mya")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Onions")
    walk.look_at_it()
    walk.follow(page.get_by_role("link", name="Prices to check"))
    waiting = page.get_by_role("row").filter(has_text="2022")
    expect(waiting).to_have_count(6)
    walk.look_at_it()


def tabs(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Main")
