"""The page of a shopping list: what is wanted, and what it costs in each shop."""
