"""The relay: rows of the ledger become price entries in MongoDB, and whoever waits for them is woken up.

Commands and tasks run it; views do not import it.
"""
