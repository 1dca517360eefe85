"""How the three databases are reached: time-outs, breakers, sessions, caches. Imports nothing of the apps."""
