"""Measurements of Potato as it runs: ``bin/bench``.

Every figure stands beside a limit that was measured in the same run with the same client: the bare server, a view
that does nothing, a bare commit, the raw call of MongoDB's driver. On a shared machine the ratios are what to read.
"""
