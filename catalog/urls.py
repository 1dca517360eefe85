"""Addresses of items. ``/items/<slug>/`` itself shows prices and is one of ``prices/``."""

from django.urls import path

from catalog import views

urlpatterns = [path("items/<slug:slug>/favourite/", views.favourite_item, name="favourite_item")]
