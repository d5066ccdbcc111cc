"""Duologue: an open, self-hosted platform for conversational assistants."""

__version__ = "0.1.0"
