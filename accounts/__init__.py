"""Who: accounts, their roles, addresses and what they kept for later. Every app above may import its models and services."""
