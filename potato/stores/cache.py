"""The default cache: a table of PostgreSQL whose failed writes are errors."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, IntegrityError, connections, router

from potato.errors import Unavailable


class StrictDatabaseCache(DatabaseCache):
    """Django's database cache, which raises when PostgreSQL does not take a write.

    Django answers every error of a write by False. That is right for a key that somebody else has just added; but
    allauth takes a count that cannot be written for one that is full, and answers that people tried too often.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        """
        :raises Unavailable: PostgreSQL did not take the write, or did not answer in time.
        """
        errors: list[DatabaseError] = []

        def note_errors(execute: Callable[..., Any], *arguments: Any) -> Any:
            try:
                return execute(*arguments)
            except DatabaseError as error:
                errors.append(error)
                raise

        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.execute_wrapper(note_errors):
            done = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]
        was_refused = isinstance(errors[0], IntegrityError) if errors else mode == "touch"
        if done or was_refused:
            return bool(done)
        # Without an error of a statement it was the commit that failed.
        raise Unavailable("postgres", str(errors[0] if errors else "a write was not committed"))
