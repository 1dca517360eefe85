"""A member before a page cache that counts what it asks of Django."""

import re

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Role, User
from potato.stores import redis
from potato.web import page_cache
from tests.factories import make_user
from tests.potato.web.page_cache.conftest import Answer
from tests.prices.test_kept_pages import Clock, Counted

RICE = "/items/rice/"
MAY = "May <b>'\"&</script> မေ \\x00"
MAY_SHOWN = b'title="May &lt;b&gt;&#x27;&quot;&amp;&lt;/script&gt;'


def cookie_of(browser: Client) -> str:
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={'b' * 32}"


def but_tokens(body: bytes) -> str:
    """A page without the tokens of its forms, of which each is another one."""
    return re.sub('(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", body.decode())


def sign_in(user: User) -> str:
    """:return: what a browser of the member sends as its cookies."""
    browser = Client()
    browser.force_login(user)
    return cookie_of(browser)


@pytest.fixture(autouse=True)
def no_documents_of_other_databases() -> None:
    """Redis remembers accounts by ids which this database gives out again."""
    keys = redis.client(settings.REDIS_LIVE)
    if known := list(keys.scan_iter(f"{settings.POTATO_PREFIX}:member:*")):
        keys.delete(*known)


@pytest.fixture
def django() -> Counted:
    return Counted()


@pytest.fixture
def clock_of_app() -> Clock:
    return Clock()


@pytest.fixture
def app(app, django, clock_of_app) -> page_cache.PageCache:
    """The page cache before a Django that counts."""
    return page_cache.PageCache(django, clock=clock_of_app)


@pytest.fixture
def may() -> User:
    return make_user(display_name=MAY, role=Role.CONTRIBUTOR)


@pytest.fixture
def cookie(app, stalls, may) -> str:
    """May's cookies; her document and the page of rice are stored."""
    found = sign_in(may)
    Answer(app, path=RICE, cookie=found)
    Answer(app, path=RICE)
    return found
