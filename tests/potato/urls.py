"""A small site for testing what stands around every page: one view for each way of meeting the stores."""

import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, login, logout
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.template import engines
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from potato import health
from potato.errors import Unavailable
from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from potato.stores.sessions import copy_suffices
from potato.web import page_cache

handler400 = "potato.web.errors_pages.bad_request"
handler403 = "potato.web.errors_pages.forbidden"
handler404 = "potato.web.errors_pages.not_found"
handler500 = "potato.web.errors_pages.server_error"


def page(request: HttpRequest, text: str) -> HttpResponse:
    source = '{% extends "base.html" %}{% block main %}{{ text }} [{{ request.member.name }}]{% endblock %}'
    return HttpResponse(engines["django"].from_string(source).render({"text": text}, request))


@copy_suffices
def price_page(request: HttpRequest) -> HttpResponse:
    """As visitors see prices: a read of MongoDB, the menu, nothing else."""
    with answering(MONGO):
        mongo.database()["boards"].find_one({"_id": "none"})
    return page(request, "prices")


@copy_suffices
def menu_page(request: HttpRequest) -> HttpResponse:
    return page(request, "menu")


def board_page_unmarked(request: HttpRequest) -> HttpResponse:
    page_cache.made_from({"tests:board": 7})
    return page(request, "board")


@copy_suffices
def board_page(request: HttpRequest) -> HttpResponse:
    return board_page_unmarked(request)


@copy_suffices
def stored_page(request: HttpRequest) -> HttpResponse:
    """As price pages are: from boards, and only the menu depends on its reader."""
    page_cache.made_from({"tests:board": 7})
    source = '{% extends "base.html" %}{% block main %}stored{% endblock %}'
    return HttpResponse(engines["django"].from_string(source).render({}, request))


@copy_suffices
def looking_page(request: HttpRequest, at: str) -> HttpResponse:
    """As the stored page, and it looks at its reader, in one of the ways there are."""
    looks: dict[str, Callable[[], object]] = {
        "member": lambda: request.member.id,  # type: ignore[attr-defined]
        "user": lambda: request.user.is_authenticated,
        "session": lambda: request.session.get("any"),
    }
    looks[at]()
    return stored_page(request)


def private_page(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponseForbidden("sign in")
    return page(request, "private")


@csrf_exempt
def form(request: HttpRequest) -> HttpResponse:
    """Writes to PostgreSQL, as every form does."""
    if request.method == "POST":
        request.POST.get("price")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    return page(request, "form")


@csrf_exempt
def broken(request: HttpRequest, how: str) -> HttpResponse:
    errors: dict[str, Exception] = {
        "mongo": Unavailable("mongo"),
        "postgres": OperationalError("gone"),
        "bug": ZeroDivisionError("a bug"),
    }
    raise errors[how]


@csrf_exempt
def person(request: HttpRequest) -> HttpResponse:
    """Hands PostgreSQL a text that no form has looked at."""
    email = (request.POST or request.GET).get("email", "")
    return HttpResponse(str(get_user_model().objects.filter(email=email).count()))


POOL_SIZE = settings.DATABASES["default"]["OPTIONS"].get("pool", {}).get("max_size", 1)
_together = threading.Barrier(POOL_SIZE)


@csrf_exempt
def together(request: HttpRequest) -> HttpResponse:
    """Hold a connection until as many requests hold one as the pool has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        _together.wait(60)
    return HttpResponse("together")


@csrf_exempt
def enter(request: HttpRequest) -> HttpResponse:
    """Sign May in."""
    user, _ = get_user_model().objects.get_or_create(
        email="may@example.com", defaults={"display_name": "May"}
    )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponse("in")


def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse("out")


def nothing(request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", menu_page, name="home"),
    path("prices/", price_page),
    path("board/", board_page),
    path("board/unmarked/", board_page_unmarked),
    path("stored/", stored_page),
    path("stored/looking/<str:at>/", looking_page),
    path("private/", private_page),
    path("profile/", private_page, name="profile"),
    path("form/", form),
    path("broken/<str:how>/", broken),
    path("person/", person),
    path("together/", together),
    path("enter/", enter),
    path("leave/", leave),
    path("login/", nothing, name="account_login"),
    path("signup/", nothing, name="account_signup"),
    path("contribute/", nothing, name="become_contributor"),
]
