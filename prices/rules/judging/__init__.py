"""The judge of a price: whether it is published, flagged or waits for a moderator. Pure rules.

``publishing/`` asks it about what was sent, ``importers/`` about files, ``forms/echo.py`` while somebody types.
"""
