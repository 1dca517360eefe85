"""Django looks here for ``DatabaseWrapper`` because ``ENGINE`` names this package."""

from typing import Any

import psycopg
from django.contrib.gis.db.backends.postgis import base

from potato.errors import Unavailable
from potato.stores.breaker import POSTGRES, answering


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the breaker before it takes a connection out of the pool, and tells it whether that went well.

    Without it each request would wait for the pool's whole time-out while PostgreSQL is away.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            with answering(POSTGRES):
                return super().get_new_connection(conn_params)
        except Unavailable as error:
            # Django wraps it into its own OperationalError: whoever asks knows one error of PostgreSQL.
            raise psycopg.OperationalError(str(error)) from error
