"""What Potato refuses to start with, and how it says so."""

import os
import re
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


class TestPapers:
    """Whoever sets something finds it in the example, and it gets as far as the processes."""

    NAMES = re.findall(r'(?:env\.\w+|required)\(\s*"(\w+)"', (PROJECT / "potato" / "settings.py").read_text())
    # Not for production, or the image's own: each installation in containers has a Redis of its own.
    NOT_IN_CONTAINERS = ("DEBUG", "POTATO_AS_OF", "POTATO_PREFIX", "STATIC_ROOT")

    def test_list_every_setting_with_what_it_is_for(self):
        listed = re.findall(r"^#?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), flags=re.MULTILINE)

        assert sorted(listed) == sorted({*self.NAMES, "POSTGRES_PASSWORD"})

    def test_hand_every_setting_of_production_on_to_the_containers(self):
        handed_on = re.findall(
            r"(?:^ +|env )([A-Z_]+)(?:: |=)", (PROJECT / "docker-compose.yml").read_text(), flags=re.MULTILINE
        )

        assert set(self.NAMES) - {*handed_on, *self.NOT_IN_CONTAINERS} == set()
