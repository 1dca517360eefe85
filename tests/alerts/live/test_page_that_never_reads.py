"""A page that keeps its connection and reads nothing: it must not cost memory for ever."""

import os
import socket
import time
import uuid
from urllib.parse import urlsplit

import psutil
from django.conf import settings

from alerts.live.readers import MOST_PENDING
from potato.stores import redis
from tests.alerts.live.conftest import PATIENCE_SECONDS, events_process

# More than all buffers on the way hold.
EVENTS = 20_000
# Of more than this that wait together one event is made.
AT_ONCE = MOST_PENDING // 2


def connections(port: int) -> int:
    """How many the process at a port holds. What the kernel still has of one that is given up counts no more."""
    return sum(
        one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED and one.pid is not None
        for one in psutil.net_connections("tcp")
    )


class TestAPageThatNeverReads:
    def test_loses_its_connection_and_others_do_not(self, listen):
        prefix = f"slow-{uuid.uuid4().hex[:8]}"
        application = "tests.alerts.live.quick:application"
        with events_process(dict(os.environ), application, POTATO_PREFIX=prefix) as address:
            port = urlsplit(address).port or 0
            silent = socket.socket()
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            silent.connect(("127.0.0.1", port))
            silent.sendall(b"GET /alerts/stream/?item=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            reading = listen(address, "item=2").ready()

            assert connections(port) == 2
            for start in range(0, EVENTS, AT_ONCE):
                pipe = redis.client(settings.REDIS_LIVE).pipeline(transaction=False)
                for shop in range(start, start + AT_ONCE):
                    pipe.publish(f"{prefix}:published", f'{{"item": 1, "region": 1, "shop": {shop}}}')
                pipe.execute()
                time.sleep(0.002)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while connections(port) > 1:
                assert time.monotonic() < deadline, "the connection of a page that reads nothing stays"
                time.sleep(0.1)
            silent.close()

            redis.client(settings.REDIS_LIVE).publish(f"{prefix}:published", '{"item": 2}')
            assert reading.event()[1]["item"] == 2
