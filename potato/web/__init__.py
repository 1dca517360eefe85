"""How requests are answered: the cache of pages, request bodies, middleware, error pages, htmx, forms that are sent again.

Apps import what their views and selectors need of it.
"""
