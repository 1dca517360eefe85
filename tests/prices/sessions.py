"""A session with PostgreSQL that the server ends, as a restart does."""

import psycopg
from django.db import connection


def end_own_session() -> None:
    """Have the server end the session of this thread, which then asks it something.

    :raises OperationalError: always.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parameters = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    with psycopg.connect(**{name: parameters[name] for name in names}, autocommit=True) as operator:
        operator.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        # As every process does before it tries again.
        connection.close()
