"""python messages.py [--check]: the texts of Potato in every language of locale/.

Without an argument, texts that are new in the code come into each catalogue, to be translated; those that are gone
leave it. With ``--check`` nothing is written: it fails where a catalogue does not hold the texts of the code, each
of them translated. Needs gettext and the Python packages, no settings and no database.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted(PROJECT.glob("locale/*/LC_MESSAGES/django.po"))
OURS = ("accounts", "alerts", "catalog", "potato", "prices", "shops", "templates")
BORROWED = {
    "django": (
        "contrib/auth/password_validation.py",
        "core/validators.py",
        "forms/fields.py",
        "forms/formsets.py",
        "forms/models.py",
    ),
    "allauth": (
        "account/adapter.py",
        "account/fields.py",
        "account/forms.py",
        "templates/account/messages/*.txt",
        "templates/account/email/email_changed_*.txt",
        "templates/account/email/email_confirm_*.txt",
        "templates/account/email/email_deleted_*.txt",
        "templates/account/email/password_changed_*.txt",
        "templates/account/email/password_reset_[ms]*.txt",
        "templates/account/email/password_set_*.txt",
    ),
}
"""Where the texts stand that Potato's pages and mails borrow: Burmese is incomplete there, or has not begun."""

KEYWORDS = (
    "gettext_noop",
    "gettext_lazy",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "npgettext:1c,2,3",
    "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3",
)


def sources() -> Iterator[tuple[str, Path]]:
    """Every file that may hold texts, with the name that the catalogue gives it."""
    for folder in OURS:
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".txt"):
                yield str(path.relative_to(PROJECT)), path
    for package, patterns in BORROWED.items():
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        root = Path(spec.origin).parent
        for pattern in patterns:
            for path in sorted(root.glob(pattern)):
                yield f"{package}/{path.relative_to(root)}", path


def extract(to: Path) -> Path:
    """The texts of the code, untranslated, as a file in the folder ``to``."""
    names = []
    for name, path in sources():
        text = path.read_text()
        copy = to / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text if path.suffix == ".py" else templatize(text, origin=name))
        names.append(name)
    found = gettext(
        "xgettext",
        "--language=Python",
        "--from-code=UTF-8",
        "--add-comments=Translators",
        "--no-location",
        "--no-wrap",
        *(f"--keyword={keyword}" for keyword in KEYWORDS),
        "--output=-",
        "--files-from=-",
        at=to,
        given="\n".join(names),
    ).stdout
    template = to / "django.pot"
    template.write_text(found.replace("charset=CHARSET", "charset=UTF-8"))
    return template


def update(catalogue: Path, template: Path) -> str:
    """Bring a catalogue up to the code; says how much of it is translated."""
    merged = gettext(
        "msgmerge", "--quiet", "--no-fuzzy-matching", "--no-wrap", "--no-location", catalogue, template
    ).stdout
    kept = gettext("msgattrib", "--no-obsolete", "--no-wrap", "-", given=merged).stdout
    # A date would change with every run.
    catalogue.write_text(re.sub(r'^"POT-Creation-Date: .*\n', "", kept, flags=re.MULTILINE))
    return gettext("msgfmt", "--statistics", "--output-file=/dev/null", catalogue).stderr.strip()


def faults(catalogue: Path, template: Path) -> str:
    """What keeps a catalogue from being good: texts missing, left over, untranslated or uncertain; wrong placeholders."""
    said = []
    for run in (
        gettext("msgcmp", catalogue, template, must=False),
        gettext("msgfmt", "--check", "--output-file=/dev/null", catalogue, must=False),
    ):
        if run.returncode or "not used" in run.stderr:
            said.append(run.stderr)
    if re.search("^#~", catalogue.read_text(), flags=re.MULTILINE):
        said.append(f"{catalogue}: holds texts that are gone from the code\n")
    return "".join(said)


def gettext(
    *command: str | Path, at: Path = PROJECT, given: str | None = None, must: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run one of gettext's programs, which speak English and UTF-8."""
    return subprocess.run(
        command,
        cwd=at,
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=must,
        env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""},
    )


def main(*, only_check: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        template = extract(Path(folder))
        if not only_check:
            for catalogue in CATALOGUES:
                print(f"{catalogue.relative_to(PROJECT)}: {update(catalogue, template)}")
            return
        wrong = "".join(faults(catalogue, template) for catalogue in CATALOGUES)
    if wrong:
        sys.exit(
            f"{wrong}bin/messages brings catalogues up to the code; docs/translations.md says how to translate."
        )


if __name__ == "__main__":
    main(only_check=sys.argv[1:] == ["--check"])
