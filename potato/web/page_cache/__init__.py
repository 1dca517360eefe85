"""The page cache in front of Django: price pages, stored whole in each web process and in Redis, and filled for members.

- ``key``: what makes one visitor's page differ from another's.
- ``sources``: the boards that a page is made from, named by Django in an internal header.
- ``pages``: a page as it is stored, made from Django's answer, in each encoding.
- ``store``: the entries in the memory of one process, their limits, and who builds which.
- ``shared``: the pages in Redis, for all processes and hosts of a release, and which process builds which.
- ``states``: the states of an entry, and what a request does in each.
- ``personal``: the parts of a page that depend on its reader, and the page as members get it (ADR 30).
- ``members``: which session asks, and the answer to a member.
- ``wsgi``: the application that serves pages and asks Django.

A page is stored when its view is marked with ``copy_suffices``, the visitor had no session, and the page was made from
boards (``made_from``). Nothing personal gets in: a page that sets a cookie or does without MongoDB or PostgreSQL is not
stored, and a request with any cookie that is not known here (a message) goes to Django. What a reader prefers (units,
numerals, home region) is part of the key. A member gets a stored page only where nothing of it depends on its reader
but what is marked with ``{% personal %}``.
"""

from potato.web.page_cache.key import QUERY_KEYS, key_of
from potato.web.page_cache.shared import SharedStore
from potato.web.page_cache.sources import BOARDS, made_from, page
from potato.web.page_cache.wsgi import PageCache

__all__ = ["BOARDS", "QUERY_KEYS", "PageCache", "SharedStore", "key_of", "made_from", "page"]
