"""Ways to read one message of free text: each finds one thing that it may be, or nothing."""
