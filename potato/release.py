"""The release that runs: a name for everything a page is made of besides its data."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDERS = ("templates", "locale", "static")
FILES = ("requirements.txt",)
# Not of the project's files, and seen on pages or in their headers all the same.
SETTINGS = (
    "ADMIN_PATH",
    "CSRF_COOKIE_NAME",
    "DEBUG",
    "EVENTS_URL",
    "LANGUAGE_COOKIE_NAME",
    "POTATO_AS_OF",
    "POTATO_LANGUAGE",
    "SECURE_SSL_REDIRECT",
    "STATIC_URL",
    "TILES_CREDIT",
    "TILES_URL",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
)


@cache
def name() -> str:
    """The release of this process, 16 hexadecimal digits: the same on every host of a deployment.

    Another one as soon as a template, a message catalogue, a static file, a Python file or a package differs, or a setting
    that pages show. To be asked for when a process starts: later its files may be those of the next release.
    """
    return digest(settings.BASE_DIR, static_root=Path(settings.STATIC_ROOT))


def digest(project: Path, *, static_root: Path) -> str:
    """The name of the release whose files are in a folder, with its collected static files in another."""
    apps = {app.partition(".")[0] for app in settings.INSTALLED_APPS}
    files = [file for folder in (*apps, *FOLDERS) for file in (project / folder).rglob("*")]
    files += [project / name for name in FILES]
    found = hashlib.sha256()
    for file in sorted(files):
        if file.suffix != ".pyc" and file.is_file():
            _add(found, file.relative_to(project).as_posix(), file.read_bytes())
    # Pages name static files as they were collected.
    manifest = static_root / "staticfiles.json"
    _add(found, manifest.name, manifest.read_bytes() if manifest.is_file() else b"")
    for setting in SETTINGS:
        _add(found, setting, repr(getattr(settings, setting)).encode())
    return found.hexdigest()[:16]


def _add(found: "hashlib._Hash", name: str, content: bytes) -> None:
    found.update(f"{name}\0{len(content)}\0".encode() + content)
