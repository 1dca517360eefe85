"""Where the web process enters."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

application = get_wsgi_application()
