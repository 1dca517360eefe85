"""Potato as an installed app: its service worker and manifest, and the files for search engines.

``potato.urls`` and the middleware import it.
"""
