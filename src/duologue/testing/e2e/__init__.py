"""An assistant's own conversations, run as tests: what the user says, and what must have happened then."""
