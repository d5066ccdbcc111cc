"""Finds values for slots in messages that were no answer to a question, one file for each sort of value."""
