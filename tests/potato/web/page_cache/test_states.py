"""The states of an entry, without Django, threads or a clock: times are numbers."""

import pytest

from potato.web.page_cache.states import (
    CHECK_SECONDS,
    RETRY_SECONDS,
    TTL,
    TTL_WITHOUT_REDIS,
    Action,
    Entry,
    Lifetime,
    Revisions,
    State,
    compare,
    decide,
)

MADE = 1000.0
MOMENT = 0.01
LATER = MADE + 10
"""When the boards of a page made at ``MADE`` have to be compared again, long before it is too old."""


def made(*, ttl: float = TTL, at: float = MADE) -> Lifetime:
    return Lifetime(made_at=at, checked_at=at, ttl=ttl)


def stored(**page: float) -> Entry:
    return Entry().stored(made(**page))


class TestEntryWithoutAPage:
    def test_is_absent(self):
        assert Entry().state(MADE) is State.ABSENT

    def test_is_being_built_once_it_is_claimed(self):
        assert Entry().claimed("A").state(MADE) is State.BUILDING

    def test_is_fresh_once_its_page_is_stored(self):
        entry = Entry().claimed("A").stored(made())

        assert entry.state(MADE) is State.FRESH
        assert entry.builder is None

    def test_is_absent_again_when_its_builder_failed(self):
        assert Entry().claimed("A").released("A").state(MADE) is State.ABSENT

    def test_stays_claimed_when_somebody_else_releases_it(self):
        assert Entry().claimed("A").released("B").state(MADE) is State.BUILDING

    def test_is_uncacheable_once_an_answer_could_not_be_stored(self):
        entry = Entry().claimed("A").rejected(forget_page=False, now=MADE)

        # Nobody waits for it even while its builder has not ended.
        assert entry.state(MADE) is State.UNCACHEABLE
        assert entry.released("A").state(MADE) is State.UNCACHEABLE

    def test_is_fresh_when_what_was_uncacheable_could_be_stored(self):
        entry = Entry().rejected(forget_page=False, now=MADE).stored(made())

        assert entry.state(MADE) is State.FRESH
        assert not entry.is_uncacheable


class TestEntryWithAPage:
    def test_is_fresh_for_a_moment_and_unchecked_then(self):
        assert stored().state(MADE + CHECK_SECONDS) is State.FRESH
        assert stored().state(MADE + CHECK_SECONDS + MOMENT) is State.UNCHECKED

    def test_is_fresh_for_another_moment_when_its_boards_are_current(self):
        entry = stored()

        assert entry.checked(entry.page, Revisions.CURRENT, LATER) is State.FRESH
        assert entry.state(LATER + CHECK_SECONDS) is State.FRESH
        assert entry.state(LATER + CHECK_SECONDS + MOMENT) is State.UNCHECKED

    def test_is_stale_when_its_boards_are_outdated(self):
        entry = stored()

        assert entry.checked(entry.page, Revisions.OUTDATED, MADE + 0.5) is State.STALE
        # It is not taken for current by the next one who looks.
        assert entry.state(MADE + 0.5) is State.UNCHECKED

    def test_is_fresh_for_a_second_without_redis_and_stale_then(self):
        entry = stored()
        end = MADE + TTL_WITHOUT_REDIS

        assert entry.checked(entry.page, Revisions.UNAVAILABLE, end) is State.FRESH
        assert entry.checked(entry.page, Revisions.UNAVAILABLE, end + MOMENT) is State.STALE

    def test_counts_the_second_without_redis_from_when_it_was_made(self):
        entry = stored()
        entry.checked(entry.page, Revisions.CURRENT, LATER)

        now = LATER + CHECK_SECONDS + MOMENT

        assert entry.checked(entry.page, Revisions.UNAVAILABLE, now) is State.STALE

    def test_is_stale_after_its_time_however_often_it_was_current(self):
        entry = stored()
        entry.checked(entry.page, Revisions.CURRENT, MADE + TTL)

        assert entry.state(MADE + TTL) is State.FRESH
        assert entry.state(MADE + TTL + MOMENT) is State.STALE

    def test_is_being_rebuilt_once_it_is_claimed_and_stale(self):
        entry = stored().claimed("A")

        assert entry.state(MADE + TTL + MOMENT) is State.REBUILDING
        assert entry.checked(entry.page, Revisions.OUTDATED, LATER) is State.REBUILDING

    def test_is_fresh_though_claimed_while_it_is_current(self):
        entry = stored().claimed("A")

        assert entry.state(MADE) is State.FRESH
        assert entry.checked(entry.page, Revisions.CURRENT, LATER) is State.FRESH

    def test_is_overdue_when_it_is_rebuilt_for_too_long(self):
        entry = stored().claimed("A")
        end = MADE + TTL + TTL_WITHOUT_REDIS

        assert entry.state(end - MOMENT) is State.REBUILDING
        assert entry.state(end) is State.OVERDUE

    @pytest.mark.parametrize("seconds", [1, 100])
    def test_is_fresh_once_it_is_rebuilt(self, seconds):
        now = MADE + TTL + seconds

        assert stored().claimed("A").stored(made(at=now)).state(now) is State.FRESH

    @pytest.mark.parametrize("seconds", [MOMENT, 100])
    def test_is_stale_again_when_rebuilding_failed(self, seconds):
        entry = stored().claimed("A").released("A")

        assert entry.state(MADE + TTL + seconds) is State.STALE

    def test_is_uncacheable_when_what_was_to_replace_it_could_not_be_stored(self):
        entry = stored().claimed("A").rejected(forget_page=True, now=MADE)

        assert entry.page is None
        assert entry.state(LATER) is State.UNCACHEABLE

    def test_stays_fresh_when_another_answer_could_not_be_stored(self):
        assert stored().rejected(forget_page=False, now=MADE).state(MADE) is State.FRESH

    def test_is_free_for_another_builder_when_somebody_else_stored_a_page(self):
        entry = stored().claimed("A").stored(made(at=LATER)).claimed("B")

        assert entry.released("A").builder == "B"


class TestEntryWithAPageMadeWithoutRedis:
    AFTER = MADE + TTL_WITHOUT_REDIS + MOMENT

    def test_is_as_good_as_absent_after_a_second(self):
        entry = stored(ttl=TTL_WITHOUT_REDIS)

        assert entry.state(MADE) is State.FRESH
        assert entry.state(self.AFTER) is State.ABSENT
        assert entry.checked(entry.page, Revisions.OUTDATED, MADE + 0.5) is State.ABSENT

    def test_is_not_served_while_another_one_is_built(self):
        assert stored(ttl=TTL_WITHOUT_REDIS).claimed("A").state(self.AFTER) is State.BUILDING

    def test_is_uncacheable_when_the_next_one_could_not_be_stored(self):
        entry = stored(ttl=TTL_WITHOUT_REDIS).rejected(forget_page=False, now=MADE)

        assert entry.state(self.AFTER) is State.UNCACHEABLE


class TestCompare:
    @pytest.mark.parametrize(
        ("newest", "result"),
        [
            ({"rice": 5, "home": 2}, Revisions.CURRENT),
            ({"rice": 4, "home": 2}, Revisions.CURRENT),
            ({"rice": 5, "home": 3}, Revisions.OUTDATED),
            ({"rice": None, "home": 2}, Revisions.OUTDATED),
            (None, Revisions.UNAVAILABLE),
        ],
    )
    def test_finds_a_board_that_is_newer_or_no_longer_known(self, newest, result):
        assert compare({"rice": 5, "home": 2}, newest) is result

    def test_that_could_not_be_stored_is_to_be_tried_again_after_a_while(self):
        entry = Entry().rejected(forget_page=False, now=MADE)

        assert not entry.is_to_be_tried_again(MADE + RETRY_SECONDS)
        assert entry.is_to_be_tried_again(MADE + RETRY_SECONDS + 0.1)
        assert not Entry().is_to_be_tried_again(MADE + 3600)


class TestDecide:
    """By kind of request: a plain GET, a GET with a form token, a plain HEAD, a HEAD with a token."""

    KINDS = ((True, False), (True, True), (False, False), (False, True))

    @pytest.mark.parametrize(
        ("state", "actions"),
        [
            (State.FRESH, [Action.SERVE] * 4),
            (State.REBUILDING, [Action.SERVE] * 4),
            (State.STALE, [Action.REBUILD] * 4),
            (State.OVERDUE, [Action.BYPASS] * 4),
            (State.ABSENT, [Action.BUILD, Action.BUILD_SHARED, Action.BUILD_UNCLAIMED, Action.BYPASS]),
            (State.BUILDING, [Action.WAIT, Action.BUILD_SHARED, Action.BUILD_UNCLAIMED, Action.BYPASS]),
            (State.UNCACHEABLE, [Action.BUILD_UNCLAIMED, Action.BYPASS] * 2),
        ],
    )
    def test_gives_each_request_what_its_entry_allows(self, state, actions):
        assert [
            decide(state, is_get=is_get, has_token=has_token, is_second_look=False)
            for is_get, has_token in self.KINDS
        ] == actions

    def test_answers_nothing_before_the_boards_of_a_page_are_compared(self):
        with pytest.raises(ValueError, match="compared first"):
            decide(State.UNCHECKED, is_get=True, has_token=False, is_second_look=False)

    @pytest.mark.parametrize("state", [state for state in State if state is not State.UNCHECKED])
    def test_lets_nobody_wait_a_second_time(self, state):
        expected = [Action.SERVE] * 4 if state is State.FRESH else [Action.BUILD_UNCLAIMED, Action.BYPASS] * 2

        assert [
            decide(state, is_get=is_get, has_token=has_token, is_second_look=True)
            for is_get, has_token in self.KINDS
        ] == expected
