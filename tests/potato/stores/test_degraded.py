from potato.stores import degraded
from potato.stores.breaker import MONGO, Fault


class TestDegraded:
    def test_says_nothing_while_all_is_well(self):
        with degraded.page():
            assert degraded.stores() == []

    def test_names_a_store_whose_breaker_is_open(self):
        MONGO.failed(Fault.SLOW)

        with degraded.page():
            assert degraded.stores() == ["mongo"]

    def test_forgets_a_mark_with_the_page_that_it_was_made_on(self):
        with degraded.page():
            degraded.mark("mongo")
            assert degraded.stores() == ["mongo"]

        with degraded.page():
            assert degraded.stores() == []
