"""The command as the tests of it run it."""

import io
from pathlib import Path
from typing import Any

from django.core.management import call_command


def import_wfp(*files: Path, **options: Any) -> str:
    """Run the command. :return: what it says."""
    said = io.StringIO()
    call_command("import_wfp", *map(str, files), stdout=said, **options)
    return said.getvalue()
