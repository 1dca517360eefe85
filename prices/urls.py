"""Addresses of every page that shows prices, or takes them."""

from django.urls import path

from prices.views import home, item, place, search, shop

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
    path("shops/<int:shop_id>/", shop.shop, name="shop"),
]
