"""The states of an entry of the page cache, and what a request does in each.

Pure rules: no I/O, no clock, no threads. A store holds the entries and replaces one by what its transitions return;
``wsgi`` looks at the state and does what ``decide`` answers. Times are seconds of one clock, which whoever stores and
whoever looks at an entry have in common.

===========  =================================================  =======================================================
State        What is known of a key                             What leads to which state
===========  =================================================  =======================================================
ABSENT       nothing, or a page without Redis past its time     claimed: BUILDING; rejected: UNCACHEABLE
BUILDING     as ABSENT, and a builder is at work                stored: FRESH; released: ABSENT; rejected: UNCACHEABLE
UNCACHEABLE  the last answer could not be stored                stored: FRESH
FRESH        a page whose boards were compared a moment ago     ``CHECK_SECONDS``: UNCHECKED; ``ttl``: STALE, or ABSENT
                                                                if it was made without Redis
UNCHECKED    a page whose boards are to be compared             ``checked``: FRESH or STALE (or ABSENT, as above)
STALE        a page that is to be built again                   claimed: REBUILDING
REBUILDING   as STALE, and a builder is at work                 stored: FRESH; released: STALE; rejected: UNCACHEABLE;
                                                                too old for any page: OVERDUE
OVERDUE      as REBUILDING, and the page must not be served     as REBUILDING
===========  =================================================  =======================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Generic, TypeVar

CHECK_SECONDS = 0.25
"""For so long a page is served without comparing its boards."""
TTL = 60.0
"""For so long a page may be served at all: what it says of "today" and "3 h ago" ages without being written."""
RETRY_SECONDS = 10.0
"""After so long a page that could not be stored is built for everybody again, when somebody asks whose own it cannot be."""
TTL_WITHOUT_REDIS = 1.0
"""For so long a page may be served while nobody hears of newer boards, and a page with the banner of that."""


class State(Enum):
    ABSENT = "absent"
    BUILDING = "building"
    UNCACHEABLE = "uncacheable"
    FRESH = "fresh"
    UNCHECKED = "unchecked"
    STALE = "stale"
    REBUILDING = "rebuilding"
    OVERDUE = "overdue"


class Revisions(Enum):
    """How the boards of a page compare with the newest ones."""

    CURRENT = "current"
    OUTDATED = "outdated"
    UNAVAILABLE = "unavailable"


class Action(Enum):
    SERVE = "serve"
    """Serve the stored page."""
    BUILD = "build"
    """Claim the entry, ask Django, store the answer if it may be stored."""
    REBUILD = "rebuild"
    """As BUILD, for everybody who comes later; a page that may not be stored any more is forgotten."""
    BUILD_UNCLAIMED = "build unclaimed"
    """As BUILD, beside whoever else builds: nobody waits for it."""
    BUILD_SHARED = "build shared"
    """Have the page built for everybody by an anonymous request, then decide again."""
    WAIT = "wait"
    """Wait a moment for the builder, then decide again."""
    BYPASS = "bypass"
    """Ask Django and store nothing."""


@dataclass(slots=True, kw_only=True)
class Lifetime:
    """When a page was made and last found current, and for how many seconds it may be served."""

    made_at: float
    checked_at: float
    ttl: float


P = TypeVar("P", bound=Lifetime)


@dataclass(frozen=True, slots=True)
class Entry(Generic[P]):
    """What a store knows of one key."""

    page: P | None = None
    builder: object | None = None
    """Who claimed the entry: any object that is one builder's own."""
    is_uncacheable: bool = False
    """Whether the last answer could not be stored."""
    rejected_at: float = 0.0
    """When that was."""

    def state(self, now: float) -> State:
        if self.page is None:
            return self._without_page()
        if now - self.page.made_at > self.page.ttl:
            return self.outdated(now)
        return State.FRESH if now - self.page.checked_at <= CHECK_SECONDS else State.UNCHECKED

    def checked(self, page: P, revisions: Revisions, now: float) -> State:
        """The state of an UNCHECKED entry with this page once its boards have been compared.

        The page remembers when: of all that an entry says, this alone is written in place. It is a fact of this process.
        """
        if revisions is Revisions.CURRENT:
            page.checked_at = now
            return State.FRESH
        if revisions is Revisions.UNAVAILABLE and now - page.made_at <= TTL_WITHOUT_REDIS:
            return State.FRESH
        return self.outdated(now)

    def outdated(self, now: float) -> State:
        """The state of an entry whose page, if it has one, is to be built again."""
        if self.page is None or self.page.ttl < TTL:
            # Made without Redis: its banner must not outlive the fault, not even while another page is built.
            return self._without_page()
        if self.builder is None:
            return State.STALE
        return State.REBUILDING if now - self.page.made_at < TTL + TTL_WITHOUT_REDIS else State.OVERDUE

    def _without_page(self) -> State:
        if self.is_uncacheable:
            return State.UNCACHEABLE
        return State.ABSENT if self.builder is None else State.BUILDING

    def claimed(self, builder: object) -> "Entry[P]":
        return replace(self, builder=builder)

    def stored(self, page: P) -> "Entry[P]":
        """With a new page, whoever built it: what another builder is at is no longer waited for."""
        return Entry(page)

    def is_to_be_tried_again(self, now: float) -> bool:
        """Whether a page that could not be stored may be by now: a store may have been unavailable for a moment."""
        return self.is_uncacheable and now - self.rejected_at > RETRY_SECONDS

    def rejected(self, *, forget_page: bool, now: float) -> "Entry[P]":
        """After an answer that may not be stored; ``forget_page``: nor may the page be served that it was to replace."""
        page = None if forget_page else self.page
        return replace(self, page=page, is_uncacheable=True, rejected_at=now)

    def released(self, builder: object) -> "Entry[P]":
        """After the end of a build, however it ended. A claim of another builder stays."""
        return replace(self, builder=None) if self.builder is builder else self


def compare(revs: Mapping[str, int], newest: Mapping[str, int | None] | None) -> Revisions:
    """Compare the ``rev`` of each board of a page with the newest ones; ``newest`` is None without Redis."""
    if newest is None:
        return Revisions.UNAVAILABLE
    for board, rev in revs.items():
        known = newest[board]
        # None: Redis has been emptied, and may have missed a change.
        if known is None or known > rev:
            return Revisions.OUTDATED
    return Revisions.CURRENT


def decide(state: State, *, is_get: bool, has_token: bool, is_second_look: bool) -> Action:
    """What a request does about an entry.

    :param is_get: the whole page is asked for; what is answered to a HEAD cannot be stored.
    :param has_token: Django's answer to this very request is for nobody else.
    :param is_second_look: the request has already waited for a builder, or had the page built.
    :raises ValueError: the boards of the page are to be compared first (UNCHECKED).
    """
    if state is State.UNCHECKED:
        raise ValueError("the boards of an unchecked page are to be compared first")
    if state is State.FRESH:
        return Action.SERVE
    if not is_second_look:
        if state is State.REBUILDING:
            # Right until a moment ago.
            return Action.SERVE
        if state is State.STALE:
            return Action.REBUILD
        if state is State.OVERDUE:
            return Action.BYPASS
        if is_get and state in (State.ABSENT, State.BUILDING):
            if has_token:
                return Action.BUILD_SHARED
            return Action.BUILD if state is State.ABSENT else Action.WAIT
    return Action.BYPASS if has_token else Action.BUILD_UNCLAIMED
