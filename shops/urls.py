"""Addresses of shops. ``/shops/<id>/`` itself shows prices and is one of ``prices/``."""

from django.urls import path

from shops import views

urlpatterns = [
    path("shops/", views.shops, name="shops"),
    path("shops/<int:shop_id>/favourite/", views.favourite_shop, name="favourite_shop"),
]
