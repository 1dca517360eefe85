"""Names of items, shops, regions and townships in the memory of each process: the cache, its rows, and the search over them.

From MongoDB, so that pages have names while PostgreSQL is unavailable, or from PostgreSQL. It reads and never writes. Any room
above ``derived/`` may import it.
"""
