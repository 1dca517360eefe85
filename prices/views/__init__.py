"""Web pages of prices: one request, one form, one service or selector call, one response. Only the lists of addresses
import them."""
