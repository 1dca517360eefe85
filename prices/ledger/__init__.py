"""The ledger of submissions: what its rows hold, written and read back; limits, rights, the installation's mode.

It never waits for MongoDB or Redis to accept something. Services, selectors, ``publishing/`` and what is above them may
import it.
"""
