"""What: categories, items, units and the usual ranges of prices. Imported by ``prices`` and above."""
