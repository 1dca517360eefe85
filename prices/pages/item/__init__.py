"""The page of an item: its price in words, tables, varieties, history, townships nearby."""
