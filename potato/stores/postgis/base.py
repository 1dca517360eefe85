"""Django looks here for ``DatabaseWrapper`` because ``ENGINE`` names this package."""

from types import TracebackType
from typing import Any

import psycopg
from django.contrib.gis.db.backends.postgis import base
from django.db import OperationalError
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg import errors

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

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)


class _Errors(DatabaseErrorWrapper):
    """Django's, but a server that only reads (a standby, or set so) is away for who writes, and not a bug of ours."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, errors.ReadOnlySqlTransaction):
            raise OperationalError(*error.args).with_traceback(traceback) from error
        super().__exit__(kind, error, traceback)
