"""``manage.py cached``: which pages and fragments of an item lie in Redis."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import override

from potato.errors import OUTAGES, first_line
from potato.web import fragments
from potato.web.page_cache import shared
from prices.names import cache as names
from prices.types import Name, NameKind, item_region_key


class Command(BaseCommand):
    help = (
        "Lists the pages of an item that are cached in Redis, then the fragments of them: age, bytes, boards with their "
        "revision, key. A page that a web process has in its memory alone is not among them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--item", required=True, metavar="SLUG", help="such as rice-emata")
        parser.add_argument(
            "--region", metavar="SLUG", help="only pages made from this region's board, such as yangon"
        )
        parser.add_argument(
            "--language", choices=[code for code, _ in settings.LANGUAGES], help="default: all"
        )

    def handle(self, *, item: str, region: str | None, language: str | None, **options: Any) -> None:
        try:
            item_id = _named("item", item).id
            board = item_region_key(item_id, _named("region", region).id) if region else None
            pages = [page for path in _paths(item, language) for page in shared.stored(path)]
            found = list(fragments.stored("/".join(filter(None, ["items", item, region]))))
        except OUTAGES as error:
            raise CommandError(f"Nothing can be listed: {first_line(error)}") from error
        self._list("pages", [page for page in pages if board is None or board in page.revs])
        self._list("fragments", [one for one in found if language in (None, one.language)])

    def _list(self, what: str, found: Sequence[shared.Stored | fragments.Stored]) -> None:
        for one in found:
            revs = " ".join(f"{name}={rev}" for name, rev in sorted(one.revs.items()))
            self.stdout.write(f"{one.age:5.1f} s {one.size:7,} bytes  {revs}  {one.name}")
        self.stdout.write(f"{len(found)} {what}, {sum(one.size for one in found):,} bytes")


def _named(kind: NameKind, slug: str) -> Name:
    """
    :raises CommandError: nothing has this slug.
    """
    found = names.by_slug(kind, slug)
    if found is None:
        raise CommandError(f"There is no {kind} {slug!r}. Slugs are those of its page's address.")
    return found


def _paths(item: str, language: str | None) -> list[str]:
    """The path of an item's page, in one language or in each."""
    paths = []
    for code in [language] if language else [code for code, _ in settings.LANGUAGES]:
        with override(code):
            paths.append(reverse("item", args=[item]))
    return paths
