"""Texts and numbers as readers write them: Burmese, and the wording of amounts, dates and ages.

Any app may import it.
"""
