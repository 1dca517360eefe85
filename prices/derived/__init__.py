"""What is computed again from raw prices: latest prices, boards, history, statistics, copies of boards.

None of it is the truth of anything: it can be deleted and built anew. ``publishing/``, ``importers/`` and tasks import it
to renew it. It is read through ``store/`` and ``selectors.py``; views do not import it.
"""
