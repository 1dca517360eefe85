from types import SimpleNamespace

import pytest

from prices.importers import loading
from tests.prices.importers.conftest import FileMaker, row_14
from tests.prices.importers.wfp.conftest import import_wfp


class TestLoading:
    def test_refuses_demo_data_where_prices_are_real(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("a.csv", row_14()))

        with pytest.raises(ValueError, match="real prices"), loading.turn(mode="demo"):
            pass
