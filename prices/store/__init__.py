"""The only folder that knows MongoDB documents. Takes and returns the frozen types of ``prices/types.py``."""
