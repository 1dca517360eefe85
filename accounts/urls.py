"""Addresses below ``/accounts/``: our own pages, and allauth's behind our doors, under allauth's names."""

from allauth.account import views as allauth
from django.urls import path, re_path

from accounts import views
from accounts.decorators import members_only
from accounts.views import refusing_by_422

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("contribute/", views.become_contributor, name="become_contributor"),
    path("login/", refusing_by_422(allauth.login), name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", refusing_by_422(allauth.signup), name="account_signup"),
    path(
        "reauthenticate/",
        members_only(refusing_by_422(views.reauthenticate)),
        name="account_reauthenticate",
    ),
    path("email/", members_only(refusing_by_422(views.email_addresses)), name="account_email"),
    path("email/undo/<str:token>/", views.undo_address, name="account_undo_address"),
    path("confirm-email/", allauth.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", allauth.confirm_email, name="account_confirm_email"),
    path(
        "password/change/",
        members_only(refusing_by_422(allauth.password_change)),
        name="account_change_password",
    ),
    path("password/set/", views.set_password, name="account_set_password"),
    path("password/reset/", refusing_by_422(allauth.password_reset), name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        refusing_by_422(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]
