"""A breaker for each store: a store that is dead or silent costs a few requests a fraction of a second.

``closed`` lets everything through. After ``failures`` failures in a row, or one time-out (which has cost its
caller the whole time-out already), it is ``open``: everything is refused at once. After ``pause`` seconds
one caller at a time may try (``half-open``); its success closes the breaker, its failure opens it again.

What counts as a failure is known beside each store (``stores/postgres.py``, ``mongo.py``, ``redis.py``).

The breaker also writes the log of an outage: one line when it begins, one when it is over, in each process. Whoever
retries in a loop need not log a store's faults. An outage is over at a success that comes some time after the last fault
(``SETTLED_SECONDS``, ``QUIET_SECONDS``); the breaker closes at the first.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from potato.errors import Unavailable, first_line

logger = logging.getLogger(__name__)
# A store that refuses what is written may well answer what is read: it is well after so long without a refusal.
QUIET_SECONDS = 30.0
# When all connections of a store are cut at once, callers with an old one fail while others with a new one succeed, for some
# tenths of a second. A store that answers is well after so long without any fault.
SETTLED_SECONDS = 1.0


class Fault(Enum):
    """What an exception says of the store that raised it."""

    DOWN = "down"
    """It could not be reached, or broke off."""
    SLOW = "slow"
    """It did not answer in time: waiting for it again would cost as much again."""
    BUSY = "busy"
    """It answered, but could not serve this one request (a lock, a cancelled query): no reason to open."""
    REFUSING = "refusing"
    """It answers, but is full or takes no writes: no reason to open, for it still reads, but to be logged."""


class Breaker:
    """Whether a store may be asked. Safe for threads; the clock can be replaced in tests.

    :param failures: how many failures in a row open it.
    :param pause: seconds until one caller may try again.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = 3,
        pause: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._failures_allowed = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._fault_of: Callable[[BaseException], Fault | None] = lambda _: None
        self.reset()

    def knows(self, fault_of: Callable[[BaseException], Fault | None]) -> None:
        """Take the function that tells this store's faults from everything else."""
        self._fault_of = fault_of

    def fault_of(self, error: BaseException) -> Fault | None:
        """What an exception says of this store; None if it is about something else."""
        return self._fault_of(error)

    def reset(self) -> None:
        """Close it and forget what happened."""
        with self._lock:
            self._failures = 0
            self._open_until: float | None = None
            self._prober: int | None = None
            self._probing_since = 0.0
            self._outage_since: float | None = None
            # A success from then on ends the outage; the first one since the last fault was at ``_answered_at``.
            self._settled_from = 0.0
            self._answered_at: float | None = None
            # Reads that succeed meanwhile do not answer a store's refusal of writes.
            self._has_refused = False

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half-open``."""
        with self._lock:
            if self._open_until is None:
                return "closed"
            return "open" if self._clock() < self._open_until else "half-open"

    @property
    def has_outage(self) -> bool:
        """Whether an outage has been logged that is not over.

        Once the store has answered, the time alone ends it, even if nobody asks again and its last line is not written yet.
        """
        if self._outage_since is None:
            return False
        return self._answered_at is None or self._clock() < self._settled_from

    @property
    def awaits_success(self) -> bool:
        """Whether a success is needed: the breaker is not closed, or the end of an outage is not logged yet."""
        return self._open_until is not None or self._outage_since is not None

    @property
    def is_closed(self) -> bool:
        return self._open_until is None

    def allows(self) -> bool:
        """Whether the caller may ask the store now. While half-open, one thread at a time may."""
        if self.is_closed:
            return True
        with self._lock:
            if self._open_until is None:
                return True
            now, me = self._clock(), threading.get_ident()
            if self._prober == me:
                return True
            if now < self._open_until:
                return False
            # A prober that was never heard of again (its thread died) does not keep the breaker open for ever.
            if self._prober is not None and now - self._probing_since < 10 * self._pause:
                return False
            self._prober, self._probing_since = me, now
            return True

    def succeeded(self) -> None:
        if self._open_until is None and not self._failures and self._outage_since is None:
            return
        with self._lock:
            self._failures = 0
            self._open_until = self._prober = None
            if self._outage_since is None:
                return
            now = self._clock()
            is_settled = now >= self._settled_from
            if self._answered_at is None and (is_settled or not self._has_refused):
                self._answered_at = now
            if is_settled:
                self._end_outage()

    def failed(self, fault: Fault, reason: object = "") -> None:
        """Count a fault.

        :param reason: the error; its first line is logged if an outage begins with it.
        """
        with self._lock:
            if fault is not Fault.BUSY:
                self._note_outage(fault, reason)
            if fault in (Fault.BUSY, Fault.REFUSING):
                # It answered: whoever was probing has found it alive, but let the next success say so.
                self._prober = None
                return
            self._failures += 1
            if (
                fault is Fault.SLOW
                or self._open_until is not None
                or self._failures >= self._failures_allowed
            ):
                self._open_until = self._clock() + self._pause
                self._prober = None

    def _note_outage(self, fault: Fault, reason: object) -> None:
        now = self._clock()
        # A process that has not asked since the store answered, long ago, has not seen that the outage was over.
        if self._answered_at is not None and now >= max(
            self._settled_from, self._answered_at + QUIET_SECONDS
        ):
            self._end_outage()
        self._answered_at = None
        self._has_refused |= fault is Fault.REFUSING
        quiet = QUIET_SECONDS if fault is Fault.REFUSING else SETTLED_SECONDS
        self._settled_from = max(self._settled_from, now + quiet)
        if self._outage_since is None:
            self._outage_since = now
            logger.warning("%s is unavailable (%s): %s", self.name, fault.value, first_line(reason))

    def _end_outage(self) -> None:
        if self._outage_since is not None and self._answered_at is not None:
            seconds = self._answered_at - self._outage_since
            logger.warning("%s is available again after %.0f s", self.name, seconds)
        self._outage_since = self._answered_at = None
        self._has_refused = False

    def released(self) -> None:
        """The caller left without having learnt anything of the store."""
        if self._prober == threading.get_ident():
            with self._lock:
                self._prober = None


POSTGRES = Breaker("postgres")
MONGO = Breaker("mongo")
REDIS = Breaker("redis")
ALL = (POSTGRES, MONGO, REDIS)


def is_busy(error: BaseException) -> bool:
    """Whether a store answered, and could not serve this one request: its breaker writes nothing of that into the log."""
    causes = [one for one in (error, error.__cause__) if one is not None]
    return any(store.fault_of(one) is Fault.BUSY for store in ALL for one in causes)


@contextmanager
def answering(store: Breaker) -> Iterator[None]:
    """Ask a store: refused at once while its breaker is open, and its faults become ``Unavailable``.

    :raises Unavailable: the store did not answer in time, or its breaker is open.
    """
    if not store.allows():
        raise Unavailable(store.name, "its breaker is open")
    try:
        yield
    except Unavailable:
        store.released()
        raise
    except Exception as error:
        fault = store.fault_of(error)
        if fault is None:
            store.released()
            raise
        store.failed(fault, error)
        # MongoDB's driver puts all that was to be written into some of its errors.
        raise Unavailable(store.name, str(error)[:300]) from error
    except BaseException:
        store.released()
        raise
    else:
        store.succeeded()
