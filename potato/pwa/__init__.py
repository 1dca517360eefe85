"""Potato as an installed app: its service worker and manifest, and what search engines are told.

``potato.urls`` and the middleware import it.
"""
