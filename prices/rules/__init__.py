"""Pure rules: units, numbers, typed prices, the typical price, price moves, market_alarm, costs of a basket, the index of names.

Data in, data out: no ORM, no store, no settings and no clock. Anything above may import it; of
the project it imports ``prices.types``, and days and letters from ``potato.calendar`` and ``potato.text``.
"""
