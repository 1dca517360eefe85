"""Potato as it is, on servers that a test may freeze and kill."""

from tests.faults.settings import *  # noqa: F403

ROOT_URLCONF = "potato.urls"
CSRF_COOKIE_SECURE = False
