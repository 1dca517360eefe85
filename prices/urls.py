"""Addresses of every page that shows prices, or takes them."""

from django.urls import path

from prices.views import changes, entry, home, item, mine, place, search, shop, submit

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("items/", place.items, name="items"),
    path("items/<slug:slug>/", item.item, name="item"),
    path("items/<slug:slug>/history.csv", item.history_csv, name="item_history_csv"),
    path("items/<slug:slug>/history.json", item.history_json, name="item_history_json"),
    path("categories/<slug:slug>/", place.category, name="category"),
    path("regions/<slug:slug>/", place.region, name="region"),
    path("regions/<slug:slug>/<slug:township_slug>/", place.township, name="township"),
    path("movers/", changes.movers, name="movers"),
    path("movers/unusual/", changes.unusual, name="unusual"),
    path("shops/<int:shop_id>/", shop.shop, name="shop"),
    path("prices/submit/", submit.submit, name="submit"),
    path("prices/submit/shops/", submit.submit_shops, name="submit_shops"),
    path("prices/submit/units/", submit.submit_units, name="submit_units"),
    path("prices/submit/echo/", submit.submit_echo, name="submit_echo"),
    path("prices/submissions/<uuid:submission_id>/", submit.submission, name="submission"),
    path("prices/mine/", mine.my_prices, name="my_prices"),
    path("prices/<uuid:entry_id>/", entry.entry, name="entry"),
    path("prices/<uuid:entry_id>/confirm/", entry.confirm, name="confirm"),
    path("prices/<uuid:entry_id>/correct/", entry.correct, name="correct"),
    path("prices/<uuid:entry_id>/withdraw/", entry.withdraw, name="withdraw"),
    path("prices/<uuid:entry_id>/report/", entry.report, name="report"),
]
