"""Prices in bulk: files and demo data. They write entries and refresh what these touch once, without the ledger.

Only commands import it.
"""
