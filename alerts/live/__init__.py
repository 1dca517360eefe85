"""Live events: server-sent events to pages that are open."""
