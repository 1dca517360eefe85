"""The admin of prices: the ledger and imports to read, and the prices that wait for a moderator. Django alone imports it."""

from prices.admin import ledger as ledger
