"""Streams of people who are signed in: who they are, and what is for them alone.

One task does all of it, in batches: a stream that begins waits with all others that begin meanwhile, so a thousand that come
back at once cost PostgreSQL a few questions. PostgreSQL unavailable: streams stay, and are sent later what they missed, for
each knows its last notification.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from django.db import DatabaseError, InterfaceError, connection

from alerts.live import inbox, sessions
from alerts.live.inbox import Alert, Inbox, News
from alerts.live.readers import Person, Reader, event
from alerts.live.request import Style
from alerts.live.texts import number
from potato.errors import Unavailable

MOST_STREAMS = 5
"""Of one person; one more ends the oldest."""
CHECK_SECONDS = 60.0
RETRY_SECONDS = 3.0
AT_ONCE = 2000
MOST_WAITING = 1000

logger = logging.getLogger(__name__)
Found = TypeVar("Found")


class Published(NamedTuple):
    """Notifications that were written together: their lowest and highest id."""

    first: int
    last: int
    is_late: bool = False


class People:
    """All streams of people who are signed in."""

    def __init__(self) -> None:
        self._by_user: defaultdict[int, list[Reader]] = defaultdict(list)
        self._unknown: dict[Reader, None] = {}
        self._published: deque[Published] = deque(maxlen=MOST_WAITING)
        self._check_at = 0.0
        self._work = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="personal")

    def ask(self, reader: Reader) -> None:
        """Find out who reads a stream that came with a session."""
        self._unknown[reader] = None
        self._work.set()

    def remove(self, reader: Reader) -> None:
        self._unknown.pop(reader, None)
        if reader.person and reader in (own := self._by_user.get(reader.person.user_id, [])):
            own.remove(reader)
            if not own:
                del self._by_user[reader.person.user_id]

    def notify(self, published: Published) -> None:
        """Notifications were written, and committed."""
        if len(self._published) == MOST_WAITING:
            self.catch_up()
        self._published.append(published)
        self._work.set()

    def catch_up(self) -> None:
        """Something may have been missed."""
        self._check_at = 0.0
        self._work.set()

    async def run(self) -> None:
        """Do what there is to do, for ever."""
        loop = asyncio.get_running_loop()
        self._check_at = loop.time() + CHECK_SECONDS
        while True:
            try:
                async with asyncio.timeout(max(0.0, self._check_at - loop.time())):
                    await self._work.wait()
            except TimeoutError:
                pass
            self._work.clear()
            try:
                await self._once(loop.time())
            except (Unavailable, DatabaseError, InterfaceError):
                # The breaker has logged it. Whatever was to be sent is caught up with.
                self._published.clear()
                await asyncio.sleep(RETRY_SECONDS)
                self.catch_up()
            except Exception:
                logger.exception("Notifications could not be sent to open pages")
                await asyncio.sleep(RETRY_SECONDS)

    async def _once(self, now: float) -> None:
        await self._recognise()
        while self._published:
            await self._pass_on(self._published.popleft())
        if now >= self._check_at:
            await self._check()
            self._check_at = now + CHECK_SECONDS

    async def _recognise(self) -> None:
        """Say of each stream that came with a session whose it is."""
        while self._unknown:
            asking = list(self._unknown)[:AT_ONCE]
            keys = [reader.asked.session for reader in asking if reader.asked.session]
            accounts = await self._in_thread(partial(sessions.accounts, keys))
            inboxes = await self._in_thread(partial(inbox.inboxes, set(accounts.values())))
            for reader in asking:
                # Gone meanwhile.
                if reader not in self._unknown:
                    continue
                del self._unknown[reader]
                session = reader.asked.session or ""
                if session in accounts:
                    self._welcome(reader, session, accounts[session], inboxes[accounts[session]])
                else:
                    _sign_out(reader)
            await self._catch_up([reader for reader in asking if reader.person])

    def _welcome(self, reader: Reader, session: str, user_id: int, own: Inbox) -> None:
        known = reader.asked.after
        # Whoever claims to know more than there is knows nothing of what comes next.
        last = own.newest if known is None else min(known, own.newest)
        reader.person = Person(user_id, session, last, own.unread)
        reader.push(event("unread", _count(reader, own.unread), id=last))
        streams = self._by_user[user_id]
        streams.append(reader)
        if len(streams) > MOST_STREAMS:
            oldest = streams.pop(0)
            oldest.push(event("elsewhere", {}))
            oldest.end()

    async def _pass_on(self, published: Published) -> None:
        if not self._by_user:
            return
        styles = _styles(self._by_user)
        first, last, is_late = published
        news = await self._in_thread(partial(inbox.between, first, last, styles=styles, is_late=is_late))
        await self._send(news)

    async def _check(self) -> None:
        """Which sessions have ended, and what was missed. In parts: others wait meanwhile."""
        every = [reader for streams in self._by_user.values() for reader in streams]
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            keys = [reader.person.session for reader in some if reader.person]
            accounts = await self._in_thread(partial(sessions.accounts, keys))
            for reader in some:
                if reader.person and accounts.get(reader.person.session) != reader.person.user_id:
                    self._end_session(reader)
            await self._catch_up([reader for reader in some if reader.person])

    async def _catch_up(self, readers: Iterable[Reader]) -> None:
        known: dict[int, int] = {}
        for reader in readers:
            if person := reader.person:
                known[person.user_id] = min(person.last, known.get(person.user_id, person.last))
        if known:
            styles = _styles({id: self._by_user.get(id, []) for id in known})
            await self._send(await self._in_thread(partial(inbox.since, known, styles=styles)))

    async def _send(self, news: News) -> None:
        """Send each person's pages what is new; never into a session that has ended."""
        concerned = {alert.user_id for alert in news.alerts}
        keys = {
            reader.person.session for id in concerned for reader in self._by_user.get(id, ()) if reader.person
        }
        still_open = await self._in_thread(partial(sessions.open_ones, keys)) if keys else set()
        for id in concerned:
            for reader in list(self._by_user.get(id, ())):
                if reader.person and reader.person.session not in still_open:
                    self._end_session(reader)
        for alert in news.alerts:
            for reader in self._by_user.get(alert.user_id, ()):
                _send_alert(reader, alert, unread=news.inboxes[alert.user_id].unread)
        for id, own in news.inboxes.items():
            for reader in self._by_user.get(id, ()):
                if reader.person and reader.person.unread != own.unread:
                    reader.person.unread = own.unread
                    reader.push(event("unread", _count(reader, own.unread)))

    def _end_session(self, reader: Reader) -> None:
        self.remove(reader)
        reader.person = None
        _sign_out(reader)

    async def _in_thread(self, job: Callable[[], Found]) -> Found:
        """
        :raises DatabaseError, InterfaceError: PostgreSQL does not answer, within the deadlines of ``potato.stores.postgres``.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, _with_connection, job)


def _with_connection(job: Callable[[], Found]) -> Found:
    try:
        return job()
    finally:
        # Back into the pool, which looks whether it still works.
        connection.close()


def _styles(streams: "dict[int, list[Reader]] | defaultdict[int, list[Reader]]") -> dict[int, set[Style]]:
    return {id: {reader.asked.style for reader in own} for id, own in streams.items()}


def _send_alert(reader: Reader, alert: Alert, *, unread: int) -> None:
    person, style = reader.person, reader.asked.style
    # A stream that began while the texts were made catches up.
    if person is None or style not in alert.texts:
        return
    if person.recent is None:
        person.recent = deque(maxlen=2 * inbox.CATCH_UP)
    if alert.id in person.recent:
        return
    person.recent.append(alert.id)
    person.last, person.unread = max(person.last, alert.id), unread
    if alert.is_summary:
        return reader.push(event("unread", _count(reader, unread), id=alert.id))
    data = {
        "id": alert.id,
        **_count(reader, unread),
        "text": alert.texts[style],
        "url": alert.urls[style],
        "toast": alert.toast,
    }
    reader.push(event("alert", data, id=alert.id))


def _count(reader: Reader, unread: int) -> dict[str, object]:
    """How many are unread, and as the menu shows it: nothing for none."""
    return {"unread": unread, "shown": number(unread, reader.asked.style) if unread else ""}


def _sign_out(reader: Reader) -> None:
    """The stream is nobody's from now on; it goes on for the prices that it asked for."""
    reader.push(event("signed-out", {}))
    if not reader.asked.topics:
        reader.end()
