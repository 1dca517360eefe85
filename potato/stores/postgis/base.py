"""Django looks here for ``DatabaseWrapper`` because ``ENGINE`` names this package."""

import time
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
from potato.stores.postgres import POOL_SECONDS, NoAnswer, fault_of


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the breaker before it connects, and reports every fault to it.

    Without it each request would wait for the pool's whole time-out while PostgreSQL is away.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            with answering(POSTGRES):
                return self._from_pool(conn_params) if self.pool else super().get_new_connection(conn_params)
        except Unavailable as error:
            # Django wraps it into its own OperationalError: whoever asks knows one error of PostgreSQL.
            raise psycopg.OperationalError(str(error)) from error

    def _from_pool(self, conn_params: dict[str, Any]) -> Any:
        """A connection out of the pool that works.

        After a restart of the server all those in the pool are broken. Each that is found so is given back, and the pool
        replaces it; the next is tried at once.
        """
        deadline = time.monotonic() + POOL_SECONDS
        while True:
            connection = super().get_new_connection(conn_params)
            try:
                self.pool.check_connection(connection)
            except psycopg.Error as error:
                self.pool.putconn(connection)
                if isinstance(error, NoAnswer) or time.monotonic() > deadline:
                    raise
            else:
                return connection

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)


class _Errors(DatabaseErrorWrapper):
    """Django's, and the breaker hears of PostgreSQL's faults.

    A server that only reads (a standby, or set so) is unavailable for who writes, and not a bug of ours.
    """

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, psycopg.Error) and not _is_counted(error) and (fault := fault_of(error)):
            POSTGRES.failed(fault, error)
        if isinstance(error, errors.ReadOnlySqlTransaction):
            raise OperationalError(*error.args).with_traceback(traceback) from error
        super().__exit__(kind, error, traceback)


def _is_counted(error: psycopg.Error) -> bool:
    """Whether the breaker has heard of it: by ``get_new_connection``, or by the connection that waited."""
    return isinstance(error, NoAnswer) or isinstance(error.__cause__, Unavailable)
