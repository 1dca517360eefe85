import threading

import pytest

from potato.errors import Unavailable
from potato.stores.breaker import Breaker, Fault, answering


class Gone(Exception):
    pass


class Silent(Exception):
    pass


class Crowded(Exception):
    pass


class Full(Exception):
    pass


FAULTS = {Gone: Fault.DOWN, Silent: Fault.SLOW, Crowded: Fault.BUSY, Full: Fault.REFUSING}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Breaker:
    store = Breaker("mongo", failures=3, pause=2.0, clock=clock)
    store.knows(lambda error: FAULTS.get(type(error)))
    return store


def ask(store: Breaker, error: Exception | None = None) -> None:
    with answering(store):
        if error:
            raise error


def fail(store: Breaker, error: Exception) -> None:
    with pytest.raises(Unavailable):
        ask(store, error)


class TestBreaker:
    def test_opens_after_three_failures_in_a_row(self, store):
        fail(store, Gone())
        fail(store, Gone())
        assert store.state == "closed"

        fail(store, Gone())

        assert store.state == "open"

    def test_forgets_failures_when_one_call_succeeds(self, store):
        fail(store, Gone())
        fail(store, Gone())
        ask(store)
        fail(store, Gone())

        assert store.state == "closed"

    def test_opens_after_one_time_out(self, store):
        fail(store, Silent())

        assert store.state == "open"

    def test_stays_closed_when_the_store_is_busy(self, store):
        for _ in range(10):
            fail(store, Crowded())

        assert store.state == "closed"

    def test_refuses_without_asking_while_open(self, store):
        fail(store, Silent())
        asked = []

        with pytest.raises(Unavailable) as refusal, answering(store):
            asked.append(1)

        assert asked == []
        assert refusal.value.store == "mongo"

    def test_lets_one_at_a_time_try_after_the_pause(self, store, clock):
        fail(store, Silent())
        clock.now += 2.1
        assert store.state == "half-open"
        others = []

        with answering(store):
            other = threading.Thread(target=lambda: others.append(store.allows()))
            other.start()
            other.join()

        assert others == [False]
        assert store.state == "closed"

    def test_lets_the_thread_that_tries_ask_again_inside(self, store, clock):
        fail(store, Silent())
        clock.now += 2.1

        with answering(store), answering(store):
            pass

        assert store.state == "closed"

    def test_opens_again_when_the_trial_fails(self, store, clock):
        fail(store, Silent())
        clock.now += 2.1

        fail(store, Gone())

        assert store.state == "open"

    def test_lets_the_next_try_when_the_trial_ended_in_something_else(self, store, clock):
        fail(store, Silent())
        clock.now += 2.1

        with pytest.raises(ZeroDivisionError):
            ask(store, ZeroDivisionError())

        assert store.allows()

    def test_lets_others_try_when_the_trial_was_never_heard_of_again(self, store, clock):
        fail(store, Silent())
        clock.now += 2.1
        lost = threading.Thread(target=store.allows)
        lost.start()
        lost.join()
        assert not store.allows()

        clock.now += 20.1

        assert store.allows()

    def test_leaves_errors_alone_that_are_not_the_stores(self, store):
        with pytest.raises(KeyError):
            ask(store, KeyError("a bug"))

        assert store.state == "closed"


class TestLogOfAnOutage:
    def test_is_one_line_when_it_begins_with_the_reason_and_one_when_it_is_over(self, store, clock, caplog):
        for _ in range(20):
            clock.now += 2.1
            fail(store, Gone("refused\nIs the server running?"))
        clock.now += 2.1
        for _ in range(3):
            ask(store)

        assert caplog.messages == [
            "mongo is unavailable (down): refused",
            "mongo is available again after 42 s",
        ]

    def test_tells_a_second_outage_again(self, store, clock, caplog):
        for _ in range(2):
            fail(store, Silent())
            clock.now += 2.1
            ask(store)

        assert len(caplog.messages) == 4

    def test_names_the_kind_of_an_error_that_says_nothing(self, store, caplog):
        fail(store, Gone())

        assert caplog.messages == ["mongo is unavailable (down): Gone"]

    def test_is_silent_about_a_store_that_is_busy_with_one_request(self, store, caplog):
        fail(store, Crowded())
        ask(store)

        assert caplog.messages == []

    def test_is_not_over_while_the_store_reads_but_refuses_writes(self, store, clock, caplog):
        for _ in range(10):
            fail(store, Full("OOM"))
            clock.now += 5
            ask(store)
        assert caplog.messages == ["mongo is unavailable (refusing): OOM"]

        clock.now += 30
        ask(store)

        assert caplog.messages[1:] == ["mongo is available again after 80 s"]
        assert store.state == "closed"

    def test_is_not_over_when_a_store_that_refused_writes_breaks_off_too(self, store, clock, caplog):
        fail(store, Full("OOM"))
        fail(store, Gone())
        clock.now += 20
        ask(store)
        assert len(caplog.messages) == 1

        clock.now += 15
        ask(store)

        assert caplog.messages[1:] == ["mongo is available again after 35 s"]

    def test_is_one_pair_when_faults_and_answers_alternate(self, store, clock, caplog):
        for _ in range(400):
            fail(store, Gone("terminated"))
            clock.now += 0.01
            ask(store)
            clock.now += 0.01
        clock.now += 1
        ask(store)

        assert caplog.messages == [
            "mongo is unavailable (down): terminated",
            "mongo is available again after 8 s",
        ]

    def test_goes_on_when_a_fault_comes_half_a_second_after_the_first_answer(self, store, clock, caplog):
        fail(store, Gone("terminated"))
        clock.now += 0.5
        ask(store)
        clock.now += 0.5
        fail(store, Gone("terminated"))
        clock.now += 0.9
        ask(store)
        assert len(caplog.messages) == 1

        clock.now += 0.1
        ask(store)

        assert caplog.messages[1:] == ["mongo is available again after 2 s"]

    def test_closes_the_breaker_at_the_first_answer(self, store, clock, caplog):
        """Requests are served at once; only the log waits."""
        for _ in range(3):
            fail(store, Gone())
        assert store.state == "open"

        store.succeeded()

        assert store.state == "closed"
        assert len(caplog.messages) == 1

    def test_lasts_until_the_first_answer_where_the_next_comes_much_later(self, store, clock, caplog):
        fail(store, Gone("terminated"))
        clock.now += 0.4
        ask(store)
        clock.now += 60
        ask(store)

        assert caplog.messages[1:] == ["mongo is available again after 0 s"]

    def test_is_another_one_when_nobody_has_asked_since_the_first_answer_long_ago(self, store, clock, caplog):
        fail(store, Gone("terminated"))
        clock.now += 0.4
        ask(store)
        clock.now += 3600
        fail(store, Gone("refused"))
        clock.now += 5
        ask(store)

        assert caplog.messages == [
            "mongo is unavailable (down): terminated",
            "mongo is available again after 0 s",
            "mongo is unavailable (down): refused",
            "mongo is available again after 5 s",
        ]

    def test_goes_on_when_the_next_caller_gets_no_answer_in_time(self, store, clock, caplog):
        """Waiting in vain takes longer than a second: the answer before it was no end."""
        fail(store, Gone("terminated"))
        clock.now += 0.1
        ask(store)
        clock.now += 1.2
        fail(store, Silent())

        assert len(caplog.messages) == 1

    def test_keeps_back_lines_of_others_until_the_store_is_quiet(self, store, clock):
        fail(store, Gone())
        clock.now += 0.1
        ask(store)
        assert store.has_outage

        clock.now += 1

        assert not store.has_outage

    def test_keeps_back_lines_of_others_while_the_store_never_answers(self, store, clock):
        fail(store, Gone())
        clock.now += 3600

        assert store.has_outage

    def test_of_a_bug_says_nothing(self, store, caplog):
        with pytest.raises(ZeroDivisionError):
            ask(store, ZeroDivisionError())

        assert caplog.messages == []
