"""The boards: what a page needs of an item in a region, of a shop, of a region or of the country, built from latest prices.

Pure rules. ``derived/`` builds them; ``pages/`` and ``selectors.py`` read what they hold with ``format``.
"""
