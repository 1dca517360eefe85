"""Where the web process enters: what takes in what is sent, the page cache, then Django."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

# A thread that renders a page may keep the others waiting for this long, seconds. Python's own 5 ms can be lost at each
# of the dozen answers of PostgreSQL that a submission waits for.
sys.setswitchinterval(0.0005)

django.setup(set_prefix=False)

from potato import health, release  # noqa: E402  they ask the settings, which Django has read by now
from potato.web.page_cache import PageCache, SharedStore  # noqa: E402
from potato.web.request import Handler  # noqa: E402
from potato.web.request_bodies import Intake  # noqa: E402

health.keep_asking()
application = Intake(PageCache(Handler(), shared=SharedStore(release=release.name())))
