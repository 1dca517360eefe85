"""The pages of whoever wants to know."""
