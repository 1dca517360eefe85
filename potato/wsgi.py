"""Where the web process enters: the page cache, then Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

django = get_wsgi_application()

from potato.edge import Edge  # noqa: E402  it asks the settings, which Django has read by now

application = Edge(django)
