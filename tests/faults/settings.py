"""Potato with the small site of ``tests/potato/urls.py``: what is tested here are the stores, not the pages."""

from potato.settings import *  # noqa: F403
from potato.stores import breaker

ROOT_URLCONF = "tests.potato.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = False
WORKER_DEAF_SECONDS = env.float("TEST_WORKER_DEAF_SECONDS", 4.0)  # noqa: F405
breaker.SETTLED_SECONDS = env.float("TEST_SETTLED_SECONDS", breaker.SETTLED_SECONDS)  # noqa: F405
