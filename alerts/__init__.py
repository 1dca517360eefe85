"""Who wants to know: events about new prices. Nothing imports it."""
