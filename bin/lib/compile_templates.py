"""Compile every template: an unknown tag, filter or end of a block fails here, not in front of a reader."""

import os
import sys
from pathlib import Path

import django

PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Print each template that does not compile; 1 if there is one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")
    sys.path.insert(0, str(PROJECT))
    django.setup()
    from django.template import TemplateSyntaxError
    from django.template.loader import get_template

    folder = PROJECT / "templates"
    broken = 0
    for path in sorted(folder.rglob("*.*")):
        try:
            get_template(str(path.relative_to(folder)))
        except TemplateSyntaxError as error:
            broken = 1
            print(f"{path.relative_to(PROJECT)}: {error}")
    return broken


if __name__ == "__main__":
    sys.exit(main())
