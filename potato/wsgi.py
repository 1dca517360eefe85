"""Where the web process enters: the page cache, then Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

django = get_wsgi_application()

from potato import health  # noqa: E402  they ask the settings, which Django has read by now
from potato.edge import Edge  # noqa: E402

health.keep_asking()
application = Edge(django)
