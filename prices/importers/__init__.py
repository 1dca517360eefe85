"""Prices in bulk: files and demo data. They write entries and refresh what these touch once, without rows in
the ledger.

Only commands and the benchmark import it.
"""
