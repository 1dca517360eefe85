"""What Potato refuses to start with, and how it says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
GOOD = {
    "SECRET_KEY": "not so secret, but long enough for these " * 2,
    "DATABASE_URL": "postgis://nowhere/potato",
    "MONGODB_URL": "mongodb://nowhere/potato",
    "REDIS_URL": "redis://nowhere",
    "DEBUG": "true",
    "POTATO_AS_OF": "",
}


def read_with(**changes: str) -> str:
    """Read the settings with these in the environment. :return: the last line of what is said; empty if all is well."""
    done = subprocess.run(
        [sys.executable, "-c", "import potato.settings"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **GOOD, **changes},
        capture_output=True,
        text=True,
    )
    return done.stderr.strip().rpartition("\n")[2]


class TestSettings:
    def test_are_read_where_nothing_is_wrong(self):
        assert read_with(POTATO_AS_OF="2025-12-15") == ""

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"POTATO_AS_OF": "yesterday"}, "POTATO_AS_OF is a day such as 2025-12-15, not 'yesterday'."),
            (
                {"POTATO_AS_OF": "2025-12-15", "DEBUG": "false", "ALLOWED_HOSTS": "a.example"},
                "set DEBUG=true",
            ),
            ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ],
    )
    def test_say_in_words_what_is_wrong(self, changes, words):
        said = read_with(**changes)

        assert "ImproperlyConfigured" in said
        assert words in said
