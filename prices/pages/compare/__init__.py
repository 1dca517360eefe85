"""The page that compares items and places."""
