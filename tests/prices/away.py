"""MongoDB out of reach: nobody listens at its address, or somebody who never answers."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.test import override_settings

from potato.stores import mongo
from potato.stores.breaker import MONGO

DEAD, SILENT = "dead", "silent"


@contextmanager
def without_mongodb(how: str) -> Iterator[None]:
    """The real driver asks a server that is ``dead`` or ``silent``; afterwards the tests' own again."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if how == SILENT:
            server.listen(50)
        name = urlsplit(settings.MONGODB_URL).path
        address = f"mongodb://127.0.0.1:{server.getsockname()[1]}{name}?directConnection=true"
        kept = mongo.client()
        with override_settings(MONGODB_URL=address):
            mongo._client = mongo.connect(
                timeoutMS=200, connectTimeoutMS=100, serverSelectionTimeoutMS=100, waitQueueTimeoutMS=100
            )
        try:
            yield
        finally:
            mongo._client.close()
            mongo._client = kept
            MONGO.reset()
