"""What is computed again from raw prices: latest prices, boards, history, statistics, copies of boards.

None of it is the truth of anything: it can be deleted and built anew. ``publishing/``, ``importers/``, tasks and commands
renew it, ``ledger/installation.py`` clears it, selectors read it; views do not import it.
"""
