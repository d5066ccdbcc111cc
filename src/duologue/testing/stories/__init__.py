"""Test stories: conversations that the trained part of a classic assistant must take as they stand."""
