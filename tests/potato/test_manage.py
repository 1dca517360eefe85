"""``bin/manage`` beside databases that this checkout did not start."""

import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


class TestBinManage:
    def test_asks_for_no_database_of_its_own_where_others_are_named(self, process_env: dict[str, str]):
        done = subprocess.run(
            [PROJECT / "bin" / "manage", "version"], env=process_env, capture_output=True, text=True
        )

        assert (done.returncode, done.stderr) == (0, "")
