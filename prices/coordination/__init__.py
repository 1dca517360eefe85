"""Locks between processes, sequences and ids. Anything in ``prices`` may import it; it imports nothing of ``prices``."""
