"""The relay: rows of the ledger become price entries in MongoDB, and whoever waits for them is woken up.

``relay.py`` publishes what waits, with ``rows.py``, which takes rows and marks them, and ``acts.py``, which does what a row of
each kind is for. ``wakeups.py`` announces it. Only commands import this room: ``manage.py relay`` runs it.
"""
