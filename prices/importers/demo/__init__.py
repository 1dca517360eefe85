"""Demo data: invented shops and prices that look like a market's, until real ones take their place."""
