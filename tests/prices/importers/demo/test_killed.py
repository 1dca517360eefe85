"""Making a demo and taking it away, killed on the way."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command

from prices.models import ImportBatch
from tests.prices.importers import stored
from tests.prices.importers.conftest import FileMaker, Killer, row_14
from tests.prices.importers.demo.conftest import assert_nothing_is_demo, seed_demo
from tests.prices.importers.stored import wrong


@pytest.mark.django_db(transaction=True)
class TestAKilledSeeding:
    @pytest.mark.parametrize(
        ("function", "call"),
        [
            ("prices.importers.demo.shops.shops_for_import", 1),
            ("prices.store.entries._insert", 3),
            ("prices.derived.refresh.rebuild_shops", 1),
        ],
    )
    def test_is_finished_by_the_next_run(
        self, function: str, call: int, lasting_country: SimpleNamespace, kill: Killer
    ):
        kill(function, "seed_demo", "--entries", 60, "--days", 20, call=call)

        seed_demo(entries=60, days=20, only_if_empty=True)

        assert 60 <= len(stored.documents("price_entries")) <= 63  # it is a little later by now
        assert wrong() == []
        assert set(ImportBatch.objects.values_list("state", flat=True)) == {"refreshed"}

    @pytest.mark.parametrize(
        ("function", "end"),
        [
            ("prices.store.entries.remove_demo", "remove"),
            ("prices.store.history.remove_all", "import"),
            ("shops.services.remove_demo_shops", "import"),
        ],
    )
    def test_a_killed_removal_is_finished_too(
        self, function: str, end: str, lasting_country: SimpleNamespace, files: FileMaker, kill: Killer
    ):
        seed_demo(entries=60, days=20)
        path = files("a.csv", row_14())
        command = ("seed_demo", "--remove") if end == "remove" else ("import_wfp", path)

        kill(function, *command)
        call_command(*map(str, command), verbosity=0)

        assert_nothing_is_demo()
        assert len(stored.documents("price_entries")) == (0 if end == "remove" else 1)
