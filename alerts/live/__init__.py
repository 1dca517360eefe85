"""Live events: server-sent events to pages that are open. A process of its own starts it; nothing imports it."""
