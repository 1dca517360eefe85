"""The language that an installation is set to, beside that of the address."""

import subprocess
import sys

import pytest

ADDRESSES = """
import django
django.setup()
from django.urls import resolve, reverse
from django.utils import translation
print(reverse("items"))
for language in ("en", "my"):
    with translation.override(language):
        print(reverse("items"), resolve(reverse("items")).view_name)
"""


def run(program: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60
    )


class TestTheSitesLanguage:
    @pytest.mark.parametrize("language", ["en", "my"])
    def test_changes_no_address(self, process_env, language):
        done = run(ADDRESSES, {**process_env, "LANGUAGE_CODE": language})

        assert done.stdout.splitlines() == ["/items/", "/items/ items", "/my/items/ items"], done.stderr

    def test_must_be_one_that_there_is(self, process_env):
        done = run("import django; django.setup()", {**process_env, "LANGUAGE_CODE": "fr"})

        assert done.returncode != 0
        assert "LANGUAGE_CODE must be en or my" in done.stderr
