"""The only folder that knows MongoDB documents. Takes and returns the frozen types of ``prices/types.py``.

Rooms above it that read or write prices may import it; views, forms and pages do not.
"""
