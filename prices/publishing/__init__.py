"""The relay: rows of the ledger become price entries in MongoDB, and whoever waits for them is woken up.

Only commands import it: ``manage.py relay`` runs it.
"""
