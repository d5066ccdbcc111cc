"""A language model's part in understanding: prompts, what they show, and how answers become commands."""
