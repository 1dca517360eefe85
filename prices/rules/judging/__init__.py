"""The judge of a price: whether it is published, flagged or waits for a moderator. Pure rules.

``publishing/`` asks it about what was sent, ``importers/`` about files, ``rules/typed_price.py`` while somebody types; what
it needs to know about a price all of them put together with ``facts.facts_for``.
"""
