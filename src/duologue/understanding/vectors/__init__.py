"""Sentences as directions: near in meaning is near in direction."""
