"""The script of every page: those of ``static/potato`` that pages share, in one file without comments and indentation.

One file costs a phone one request, half a kilobyte of headers and a fifth of the bytes less than four (ADR 35). It is found
like any other static file, in development too, and collected with them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "potato/site.js"
PARTS = ("search.js", "reach.js", "live.js", "chart.js")
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*.*\*/)\n|^[ \t]+", re.MULTILINE)


def without_comments(text: str) -> str:
    """A script without its lines of comments and without indentation. No text in it may go on over the end of a line."""
    return _COMMENT.sub("", text)


def site_script() -> str:
    """The script of every page."""
    folder = Path(settings.BASE_DIR) / "static" / "potato"
    return "".join(without_comments((folder / name).read_text()) for name in PARTS)


class Finder(BaseFinder):
    """Finds the script of every page; it is written when it is looked for, if its parts have changed."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=Path(settings.STATIC_ROOT).parent / "scripts")

    def check(self, **_kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        if path != NAME:
            return []
        found = self._written()
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        self._written()
        yield NAME, self.storage

    def _written(self) -> str:
        file = Path(self.storage.path(NAME))
        text = site_script()
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Whole or not at all: several processes may look for it at once.
            part = file.with_suffix(f".{id(self)}.part")
            part.write_text(text)
            part.replace(file)
        return str(file)
