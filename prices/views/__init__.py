"""Web pages of prices: one request, one form, one service or selector call, one response. Only ``urls.py`` imports them."""
