"""The boards: what a page needs of an item in a region, of a shop, of a region or of the country, built from latest prices.

Pure rules. ``derived/`` builds them; whoever reads a board decodes its values with ``format``.
"""
