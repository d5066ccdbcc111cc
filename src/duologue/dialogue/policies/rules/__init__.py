"""Rules: short stretches of conversation that always go on in the same way."""
