"""The ticket of an item's page: the typical price, what it rests on, and how it stands to its past."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext, ngettext

from potato import calendar
from potato.text.wording import Wording
from prices import charts
from prices.pages.item.page import ItemPage
from prices.pages.shared_parts.filters import FIRST_DAY
from prices.pages.shared_parts.links import as_fields
from prices.pages.shared_parts.phrases import change_label, lower_first, n_shops, shop_name
from prices.pages.shared_parts.view_models import Compared, Extreme, Ticket
from prices.rules import comparisons, price_moves, typical_price
from prices.rules.typical_price import Typical
from prices.types import DayStat

CHANGES = ("7", "30", "365")
PLACES_NAMED = 2


def ticket_of(page: ItemPage) -> Ticket:
    """The typical price of the chosen place, or of the wider one that speaks for it."""
    words, measure, second = page.words, page.measure, page.second
    found = page.typical()
    speaks_for_place = page.speaks_for_place(found)
    rows = page.fresh_rows(found.scope)
    return Ticket(
        label=_label(page, found),
        amount=words.kyat(found.amount, to_base=measure.to_base),
        per=measure.per,
        beside=words.money(found.amount, second.per, to_base=second.to_base) if second else "",
        scope=found.scope,
        why=_why(page, found),
        range=page.range_of(found),
        counts=_counts(page, found),
        cheapest=_extreme(page, found, rows, found.low),
        dearest=_extreme(page, found, rows, found.high) if found.high != found.low else None,
        good=_good(page, found.amount) if speaks_for_place else "",
        good_rule=gettext("Said only where prices of at least %(weeks)s weeks are known.")
        % {"weeks": words.number(comparisons.GOOD_WEEKS)},
        changes=() if found.scope in ("old", "none") else _changes(page),
        changes_of="" if speaks_for_place else page.place_name,
        strip=charts.strip(
            [row["amount"] for row in rows],
            found.amount,
            amount_label=lambda pya: words.kyat(pya, to_base=measure.to_base),
        )
        if len(rows) > 1
        else None,
        elsewhere=page.elsewhere() if found.scope == "none" else (),
    )


def compared(page: ItemPage) -> Compared:
    """The middle price of the newest day beside that of the day which the reader chose."""
    words, since = page.words, page.chosen.compared_with
    change, says = None, ""
    if since is not None:
        found = comparisons.changed_since(_days(page), since)
        if found is None:
            says = gettext(
                "Nothing to compare: no price is known of %(day)s or the %(days)s days before it, or none since then."
            ) % {"day": words.day(since), "days": words.number(typical_price.WINDOW_DAYS)}
        else:
            change = words.change(found.percent)
            says = gettext("Middle price %(before)s on %(day)s, %(now)s on %(newest)s.") % {
                "before": _money(page, found.before.median),
                "day": words.day(found.before.day),
                "now": _money(page, found.newest.median),
                "newest": words.day(found.newest.day),
            }
    query = page.chosen.query(compared_with=None, page=1)
    return Compared(
        day=since.isoformat() if since else "",
        first=FIRST_DAY.isoformat(),
        last=(words.today - timedelta(days=1)).isoformat(),
        change=change,
        says=says,
        kept=as_fields(query),
    )


def _days(page: ItemPage) -> list[DayStat]:
    return [day for day in page.days if day.day <= page.words.today]


def _money(page: ItemPage, pya: int) -> str:
    return page.words.money(pya, to_base=page.measure.to_base)


def _changes(page: ItemPage) -> tuple[tuple[str, Any], ...]:
    found = price_moves.changes(_days(page))
    return tuple((page.words.digits(change_label(key)), page.words.change(found[key])) for key in CHANGES)


def _label(page: ItemPage, found: Typical) -> str:
    chosen = page.chosen
    if found.scope == "old":
        last_known_in = chosen.township if page.local_rows else None
        last_known_in = last_known_in or (chosen.region if page.region_rows else None)
        return gettext("Last known in %(place)s, %(type)s") % {
            "place": last_known_in or gettext("Myanmar"),
            "type": page.type_name.lower(),
        }
    spoken = {"township": chosen.township, "region": chosen.region}.get(found.scope)
    return gettext("Typical in %(place)s, %(type)s") % {
        "place": spoken or gettext("Myanmar"),
        "type": page.type_name.lower(),
    }


def _why(page: ItemPage, found: Typical) -> str:
    """Why it is not simply the typical price of the chosen place; empty where it is."""
    words = page.words
    values = {
        "place": page.place_name,
        "n": words.number(typical_price.MIN_SHOPS),
        "days": words.number(typical_price.WINDOW_DAYS),
    }
    if found.scope == "none":
        values["what"] = f"{page.type_name.lower()}, {lower_first(words.currency(page.measure.per))}"
        return gettext("Nobody has sent a price for %(place)s yet (%(what)s).") % values
    if found.scope == "old":
        assert found.newest is not None
        values["when"] = words.day(calendar.yangon_day(found.newest))
        return gettext("Seen %(when)s: too old to count as today’s price.") % values
    if found.scope != page.scope:
        wider = page.chosen.region if found.scope == "region" else gettext("all of Myanmar")
        values["wider"] = str(wider)
        return (
            gettext(
                "Fewer than %(n)s shops of %(place)s have a price of the last %(days)s days, so %(wider)s speaks."
            )
            % values
        )
    if found.is_thin:
        return gettext("Fewer than %(n)s shops: take it as a hint.") % values
    return ""


def _counts(page: ItemPage, found: Typical) -> str:
    if found.scope in ("old", "none"):
        return ""
    n = page.n_prices(found.scope)
    values = {
        "n": page.words.number(n),
        "days": page.words.number(typical_price.WINDOW_DAYS),
        "shops": n_shops(found.n_shops, page.words),
        "age": page.words.ago(found.newest),
    }
    # Where each shop has one, as many prices as shops say nothing; fewer there are where old ones were confirmed.
    if n <= found.n_shops:
        return gettext("From %(shops)s, the newest price %(age)s.") % values
    return gettext("%(n)s prices of the last %(days)s days from %(shops)s, the newest %(age)s.") % values


def _good(page: ItemPage, amount: int | None) -> str:
    """Why it is a good price, by the stated rule; empty where it is none."""
    lowest = comparisons.lowest_if_good(amount, _days(page), today=page.words.today)
    if lowest is None:
        return ""
    return gettext("within %(percent)s %% of the lowest since %(day)s, %(lowest)s.") % {
        "percent": page.words.number(comparisons.GOOD_PERCENT),
        "day": page.words.day(lowest.since),
        "lowest": _money(page, lowest.amount),
    }


def _extreme(
    page: ItemPage, found: Typical, rows: Sequence[dict[str, Any]], amount: int | None
) -> Extreme | None:
    """The shops that ask just this, or the regions where they are; None where a single shop is nothing to choose from."""
    if amount is None or found.n_shops < 2 or found.scope in ("old", "none"):
        return None
    if found.scope == "nation":
        places = [
            (str(region), url)
            for region, typical_there, url in page.by_region()
            if typical_there.scope != "old" and amount in (typical_there.low, typical_there.high)
        ]
    else:
        places = [
            (shop_name(row["shop"]), page.links.shop(row["shop"])) for row in rows if row["amount"] == amount
        ]
    if not places:
        return None
    rest = len(places) - PLACES_NAMED
    return Extreme(
        places=tuple(places[:PLACES_NAMED]),
        more=f"+{page.words.number(rest)}" if rest > 0 else "",
        amount=page.words.kyat(amount, to_base=page.measure.to_base),
    )


def followers_text(n: int, *, words: Wording) -> str:
    """How many people follow the item; empty for nobody."""
    text = ngettext("%(n)s person follows this item.", "%(n)s people follow this item.", n)
    return text % {"n": words.number(n)} if n else ""
