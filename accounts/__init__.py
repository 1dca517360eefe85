"""Who: accounts, their roles, addresses, and the forms stored until they sign in again.

Every app above may import its models and services.
"""
