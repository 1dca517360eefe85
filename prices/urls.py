"""Addresses of every page that shows prices, or takes them."""

from django.urls import path

from prices.views import basket, compare, entry, home, item, map, mine, near, place, preferences, search, shop, submit

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("search/suggest/", search.suggest, name="suggest"),
    path("items/", place.items, name="items"),
    path("items/<slug:slug>/", item.item, name="item"),
    path("items/<slug:slug>/history.csv", item.history_csv, name="item_history_csv"),
    path("items/<slug:slug>/history.json", item.history_json, name="item_history_json"),
    path("items/<slug:slug>/near/", near.near_shops, name="near"),
    path("map/", map.shops_on_map, name="map"),
    path("map/shops.json", map.map_shops, name="map_shops"),
    path("categories/<slug:slug>/", place.category, name="category"),
    path("regions/<slug:slug>/", place.region, name="region"),
    path("regions/<slug:slug>/<slug:township_slug>/", place.township, name="township"),
    path("shops/<int:shop_id>/", shop.shop, name="shop"),
    path("compare/", compare.compare, name="compare"),
    path("basket/", basket.basket, name="basket"),
    path("basket/mine/", basket.my_basket, name="my_basket"),
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
