"""How much: what people send about prices, what is published of it, and every page that shows a price.

Data comes in at the top of this list, goes down to the stores, and is read back up. A room uses only rooms below its own;
``bin/check`` holds them to it (ADR 26).

- ``views/``, ``admin/``: one request, one form, one service or selector call, one response
- ``forms/``: what people send, checked and cleaned
- ``pages/``, ``charts/``: what templates show; geometry of drawings
- ``tasks.py``, ``importers/``: background work; files and demo data in bulk
- ``publishing/``: rows of the ledger become price entries in MongoDB
- ``services.py``: what people do to prices; ``selectors.py``: reading across stores
- ``ledger/``: what was accepted, written and read
- ``names/``: names in memory, and their search
- ``derived/``: what can be computed again from raw prices
- ``store/``: MongoDB's documents
- ``rules/``: pure rules
- ``models.py``, ``types.py``, ``coordination/``: relational tables; what travels; locks, sequences, ids
"""
