"""Django's PostGIS backend with our breaker before it (web processes only)."""
