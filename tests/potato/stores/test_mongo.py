"""Which of MongoDB's errors say that it is away, and which that we are wrong."""

import pytest
from pymongo.errors import BulkWriteError, OperationFailure

from potato.errors import Unavailable
from potato.stores.breaker import MONGO, answering


class TestFaults:
    def test_are_a_full_disk_and_a_door_that_is_shut(self):
        for error in (
            OperationFailure("No space left on device", 14031),
            OperationFailure("User writes blocked", 371),
            OperationFailure("Authentication failed.", 18),
            OperationFailure("not authorized on potato", 13),
            BulkWriteError({"writeErrors": [{"code": 11000}, {"code": 14031}]}),
        ):
            with pytest.raises(Unavailable), answering(MONGO):
                raise error

    def test_are_no_questions_that_it_does_not_understand(self):
        with pytest.raises(OperationFailure), answering(MONGO):
            raise OperationFailure("unknown operator: $nonsense", 2)

    def test_are_told_without_all_that_was_to_be_written(self):
        error = BulkWriteError({"writeErrors": [{"code": 371, "op": {"note": "x" * 100_000}}]})

        with pytest.raises(Unavailable) as told, answering(MONGO):
            raise error

        assert len(str(told.value)) < 500
